import fc from 'fast-check'
import type { BigNumber } from 'mathjs'
import { describe, expect, test } from 'vitest'
import { fullArithmetic } from './full.ts'
import { float32Dense } from './index.ts'
import { forty, precisely, relative, u, valuesOf, vector } from './testing.ts'

const a = fullArithmetic(Float64Array)
const single = float32Dense().rules

describe('exp', () => {
  const big = forty
  test('is within one ULP of float64 everywhere, and so float32 within half and a bit', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        const exact = big.exp(big.of(x))
        expect(relative(a.exp(vector(x)).data[0], exact)).toBeLessThanOrEqual(2 * u)
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.float({ min: -80, max: 80, noNaN: true }), (x) => {
        const exact = big.exp(big.of(x))
        expect(relative(single.exp(vector(x)).data[0], exact)).toBeLessThanOrEqual(2 ** -24 + 2 * u)
      }),
      { numRuns: 300 },
    )
  })

  test('at its ends', () => {
    expect(valuesOf(a.exp(vector(0, -0, -Infinity, Infinity)))).toEqual([1, 1, 0, Infinity])
    expect(valuesOf(single.exp(vector(89, -104, -87)))).toEqual([
      Infinity,
      0,
      Math.fround(1.6458114310822737e-38),
    ])
  })
})

describe('GELU', () => {
  /** x·Φ(x) with 40 digits left after what 1 + erf cancels on the left: Φ(x) is about e^(−x²/2). */
  function exactGelu(x: number): BigNumber {
    const cancelled = Math.ceil((2 * x * x) / 2 / Math.LN10)
    const big = precisely(40 + 2 * cancelled)
    return big
      .erf(big.of(x).div(big.sqrt(2)))
      .plus(1)
      .times(big.of(x))
      .div(2)
  }
  /** erfc is within one ULP, its argument is rounded twice, and erfc magnifies that by about x². */
  const bound = (x: number): number => (8 + 4 * x * x) * u

  test('agrees with x·Φ(x) around zero', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }).filter((x) => Math.abs(x) > 1e-12),
        (x) => {
          expect(relative(a.gelu(vector(x)).data[0], exactGelu(x))).toBeLessThanOrEqual(bound(x))
        },
      ),
      { numRuns: 150 },
    )
  })

  test.each([-26, -20, -14.2, -13, -10, -8, -6.5])('keeps its digits far on the left: %d', (x) => {
    expect(relative(a.gelu(vector(x)).data[0], exactGelu(x))).toBeLessThanOrEqual(bound(x))
  })

  test('is x far on the right, 0 far on the left', () => {
    for (const x of [9, 40, 1e10, 3e38]) expect(a.gelu(vector(x)).data[0]).toBe(x)
    for (const x of [-40, -1e10, -3e38]) expect(Math.abs(a.gelu(vector(x)).data[0])).toBe(0)
    expect(Math.abs(single.gelu(vector(-16)).data[0])).toBe(0)
    expect(single.gelu(vector(-13)).data[0]).toBeLessThan(0)
  })

  test('of zero is zero, and next to zero half of x', () => {
    expect(a.gelu(vector(0)).data[0]).toBe(0)
    for (const x of [1e-300, 1e-20, -1e-20]) expect(a.gelu(vector(x)).data[0]).toBe(0.5 * x)
  })
})
