import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fma } from './fma.ts'

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 40), max: 2 ** 40 })

/** a·b + c over a common power of two, as integers, rounded to nearest, ties to even. */
function exactly(a: number, b: number, c: number): number {
  const scale = 2n ** 320n
  const integer = (x: number): bigint => {
    let [value, shift] = [x, 0]
    while (!Number.isInteger(value)) [value, shift] = [value * 2, shift + 1]
    return (BigInt(value) * scale) >> BigInt(shift)
  }
  const sum = integer(a) * integer(b) + integer(c) * scale
  const size = sum < 0n ? -sum : sum
  const bits = size.toString(2).length
  if (bits <= 24) return Number(sum) / 2 ** 640
  const unit = BigInt(Math.max(bits - 24, 640 - 149))
  const [whole, rest, half] = [size >> unit, size & ((1n << unit) - 1n), 1n << (unit - 1n)]
  const up = rest > half || (rest === half && (whole & 1n) === 1n) ? 1n : 0n
  return (sum < 0n ? -1 : 1) * Number(whole + up) * 2 ** (Number(unit) - 640)
}

test('rounds once', () => {
  fc.assert(
    fc.property(float, float, float, (a, b, c) => {
      expect(fma(a, b, c) + 0).toBe(exactly(a, b, c) + 0)
    }),
    { numRuns: 500 },
  )
})

test('rounds once where rounding to float64 first lands half way: 2⁻⁶⁰ below and above the middle', () => {
  const [half, tiny] = [2 ** -24, 2 ** -60]
  expect(fma(2 ** -30, 2 ** -30, Math.fround(1 + 2 ** -23))).toBe(Math.fround(1 + 2 ** -23))
  expect(fma(1 + 2 ** -12, 2 ** -24 * (1 - 2 ** -12), 1)).toBe(1)
  expect(fma(-tiny, 1, fma(half, 1, 1))).toBe(1)
  // (1 + 2⁻²³)(2⁻²⁴) + 1 lies 2⁻⁴⁷ above the middle of 1 and its neighbour
  expect(fma(Math.fround(1 + 2 ** -23), half, 1)).toBe(1 + 2 ** -23)
  // 1 + 2⁻²⁴(1 − 2⁻³²·…): below the middle by less than float64 can say
  const [a, b] = [1 + 2 ** -20, Math.fround(2 ** -24 * (1 - 2 ** -20))]
  expect(fma(a, b, 2)).toBe(exactly(a, b, 2))
})
