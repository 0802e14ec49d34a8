import { expect, test } from 'vitest'
import { compare, decimalText, dyadic, product, sum } from './dyadic.ts'

test('floats are mantissa · 2^exponent with an odd mantissa', () => {
  expect(dyadic(0)).toEqual({ mantissa: 0n, exponent: 0 })
  expect(dyadic(-0)).toEqual({ mantissa: 0n, exponent: 0 })
  expect(dyadic(-6)).toEqual({ mantissa: -3n, exponent: 1 })
  expect(dyadic(0.1)).toEqual({ mantissa: 3602879701896397n, exponent: -55 })
  expect(dyadic(Number.MIN_VALUE)).toEqual({ mantissa: 1n, exponent: -1074 })
  expect(dyadic(Number.MAX_VALUE)).toEqual({ mantissa: 2n ** 53n - 1n, exponent: 971 })
  expect(() => dyadic(NaN)).toThrow(RangeError)
})

test('sums and products lose nothing', () => {
  const [large, small] = [dyadic(2 ** 100), dyadic(2 ** -100)]
  expect(sum(large, small).mantissa).toBe(2n ** 200n + 1n)
  expect(compare(sum(large, small), large)).toBe(1)
  expect(compare(large, sum(large, small))).toBe(-1)
  expect(compare(product(large, small), dyadic(1))).toBe(0)
  // in float64 too 0.1 · 3 is more than 0.3, but only after rounding up
  expect(compare(product(dyadic(0.1), dyadic(3)), dyadic(0.3))).toBe(1)
  expect(compare(product(dyadic(0.1), dyadic(3)), dyadic(0.1 * 3))).toBe(-1)
})

test('the decimal text is the number, all its digits', () => {
  expect(decimalText(dyadic(2 ** 70))).toBe('1180591620717411303424')
  expect(decimalText(dyadic(-0.375))).toBe('-375e-3')
  expect(decimalText(dyadic(0))).toBe('0')
})
