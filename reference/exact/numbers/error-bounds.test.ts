import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bigNumbers, type BigNumber } from './big-number.ts'
import {
  addedExactly,
  either,
  magnitude,
  magnitudeAtLeast,
  multipliedExactly,
  NONE,
  roundingOf,
} from './error-bounds.ts'

const big = bigNumbers(40)
/** Decimals of up to 30 digits, of all lengths and places. */
const decimals = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 30n }), fc.nat(29), fc.integer({ min: -60, max: 60 }))
  .map(([mantissa, cut, exponent]) => big.of(`${mantissa / 10n ** BigInt(cut) || 1n}e${exponent}`))
/** log₁₀, from the digits as written: none of the words that decimal.js keeps. */
function log10(x: BigNumber): number {
  const [digits, power] = x.toExponential().split('e')
  return Math.log10(Number(digits)) + Number(power)
}

describe('either', () => {
  test('is log₁₀ of the sum, from above', () => {
    const logs = fc.double({ min: -40, max: 40, noNaN: true })
    fc.assert(
      fc.property(logs, logs, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const sum = high + Math.log1p(10 ** (low - high)) / Math.LN10
        expect(either(a, b)).toBeGreaterThan(sum)
        expect(either(a, b)).toBeLessThan(sum + 1e-5)
        expect(either(a, b)).toBe(either(b, a))
      }),
    )
  })

  test.each([
    [NONE, NONE, NONE],
    [NONE, -3, -3],
    [-3, NONE, -3],
    [Infinity, NONE, Infinity],
    [NONE, Infinity, Infinity],
    [Infinity, Infinity, Infinity],
  ])('of %d and %d is %d', (a, b, expected) => {
    expect(either(a, b)).toBe(expected)
  })
})

describe('magnitudes', () => {
  test('lie on both sides, a factor of two away at most', () => {
    fc.assert(
      fc.property(decimals, fc.boolean(), (x, negative) => {
        const signed = negative ? x.negated() : x
        const found = [magnitudeAtLeast(signed), magnitude(signed)] as const
        expect(found[0]).toBeLessThan(log10(x))
        expect(found[1]).toBeGreaterThan(log10(x))
        expect(found[1] - found[0]).toBeLessThan(Math.log10(2) + 1e-5)
      }),
      { numRuns: 300 },
    )
  })

  test('of seven digits lie within a unit of the seventh', () => {
    const x = big.of('1234567891')
    // the first of two words holds 123
    expect(magnitude(x)).toBeCloseTo(Math.log10(1.24e9), 5)
    expect(magnitudeAtLeast(x)).toBeCloseTo(Math.log10(1.23e9), 5)
  })

  test('of zero and of what is no number', () => {
    expect(magnitude(big.of('0'))).toBe(NONE)
    expect(magnitude(big.of('Infinity'))).toBe(Infinity)
    expect(magnitude(big.of('NaN'))).toBe(Infinity)
  })
})

test('a rounding takes less than a unit in the last place', () => {
  fc.assert(
    fc.property(decimals, fc.integer({ min: 1, max: 20 }), (x, digits) => {
      const rounded = bigNumbers(digits).of(x.toString()).times(1)
      const lost = x.minus(rounded.toString()).abs()
      const bound = roundingOf(rounded, digits)
      expect(lost.isZero() || log10(lost) <= bound).toBe(true)
      expect(bound).toBe(rounded.e - digits + 1)
    }),
  )
  // below what decimals hold, and above nothing
  expect(roundingOf(big.of('0'), 5)).toBeLessThan(-1e15)
  expect(roundingOf(big.of('0'), 5)).toBeGreaterThan(NONE)
})

describe('what is said to be exact is', () => {
  const wide = bigNumbers(300)
  const narrow = bigNumbers(30)
  const pairs = fc.tuple(decimals, decimals, fc.boolean())

  test('sums', () => {
    fc.assert(
      fc.property(pairs, ([a, b, subtract]) => {
        const [x, y] = [narrow.of(a.toString()), narrow.of((subtract ? b.negated() : b).toString())]
        const sum = x.plus(y)
        const truth = wide.of(x.toString()).plus(y.toString())
        if (addedExactly(x, y, sum, 30)) expect(truth.equals(sum.toString())).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['1', '1e-29', true],
    ['1', '1e-30', false],
    ['1e-29', '1', true],
    ['1e-30', '1', false],
    ['12e-30', '1', false],
    ['10e-30', '1', true],
    ['9', '1', true],
    ['1e40', '-1e40', true],
    ['0', '1e-300', true],
    ['1e-300', '0', true],
  ])('%s + %s: %s', (a, b, expected) => {
    const [x, y] = [narrow.of(a), narrow.of(b)]
    expect(addedExactly(x, y, x.plus(y), 30)).toBe(expected)
  })

  test('products', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const truth = wide.of(a.toString()).times(b.toString())
        if (multipliedExactly(a, b, 30)) expect(truth.precision()).toBeLessThanOrEqual(30)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['111111111111111', '111111111111111', true],
    ['111111111111111', '1111111111111111', false],
    ['0', '1111111111111111111111111111111', true],
    ['1111111111111111111111111111111', '0', true],
  ])('%s × %s: %s', (a, b, expected) => {
    expect(multipliedExactly(wide.of(a), wide.of(b), 30)).toBe(expected)
  })
})
