import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor } from '../tensor.ts'
import { fullArithmetic } from './full.ts'
import { float32Dense } from './index.ts'
import { forty, relative, u, valuesOf, vector } from './testing.ts'

const a = fullArithmetic(Float64Array)
const single = float32Dense().rules

describe('softmax and its logarithm', () => {
  const big = forty
  const rows = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 12 })

  test('agree with their definitions', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const powers = row.map((x) => big.exp(big.of(x)))
        const sum = powers.reduce((total, power) => total.plus(power))
        const probabilities = a.softmax(vector(...row))
        const logarithms = a.logSoftmax(vector(...row))
        const largest = Math.max(...row)
        row.forEach((x, i) => {
          // x − max is rounded once, exp is within one ULP, n − 1 additions, one division
          const magnified = largest - x + 4 + row.length
          expect(relative(probabilities.data[i], powers[i].div(sum))).toBeLessThanOrEqual(2 * magnified * u)
          const exact = big.ln(powers[i].div(sum))
          const absolute = exact.minus(big.of(logarithms.data[i])).abs().toNumber()
          expect(absolute).toBeLessThanOrEqual((4 * (largest - x) + 2 * row.length + 8) * u)
        })
      }),
      { numRuns: 150 },
    )
  })

  test('do not overflow on huge logits', () => {
    expect(valuesOf(a.softmax(vector(3e38, -3e38, 3e38)))).toEqual([0.5, 0, 0.5])
    expect(valuesOf(a.softmax(vector(-1e300, -1e300)))).toEqual([0.5, 0.5])
    expect(valuesOf(a.logSoftmax(vector(1e300, -1e300, 1e300)))).toEqual([-Math.LN2, -2e300, -Math.LN2])
    expect(valuesOf(single.softmax(vector(1000, 0, -1000)))).toEqual([1, 0, 0])
    expect(valuesOf(single.logSoftmax(vector(1000, 0, -1000)))).toEqual([0, -1000, -2000])
  })

  test('of one logit', () => {
    expect(valuesOf(a.softmax(vector(-745)))).toEqual([1])
    expect(valuesOf(a.logSoftmax(vector(-745)))).toEqual([0])
  })

  test('over the kept entries alone: an overflowing one that is not kept does not matter, an empty row stays so', () => {
    const shape = [2, 3]
    const mask = { shape, kept: Uint8Array.of(1, 0, 1, 0, 0, 0) }
    const x = { values: tensor(Float64Array.of(2, 1e308, 2, 1, 2, 3), shape), kept: mask.kept }
    expect(valuesOf(a.maskedSoftmax(mask, x).values)).toEqual([0.5, 0, 0.5, 0, 0, 0])
  })
})

describe('layerNorm', () => {
  const ones = vector(1, 1, 1, 1)
  const bias = vector(0.25, -0.5, 0, 7)

  test('a row without variance is the bias', () => {
    expect(valuesOf(a.layerNorm(vector(3.5, 3.5, 3.5, 3.5), ones, bias, 1e-6))).toEqual(valuesOf(bias))
    expect(valuesOf(single.layerNorm(vector(0, 0, 0, 0), ones, bias, 1e-12))).toEqual(valuesOf(bias))
  })

  test('ε of 0 leaves 0/0', () => {
    expect(valuesOf(a.layerNorm(vector(1, 1, 1, 1), ones, bias, 0))).toEqual([NaN, NaN, NaN, NaN])
  })

  test('the variance is divided by n, and ε stands under the root', () => {
    // μ = 3, σ² = 5; with ε = 4 the root is 3
    const y = a.layerNorm(vector(0, 2, 4, 6), vector(3, 3, 6, 1), bias, 4)
    expect(valuesOf(y)).toEqual([-2.75, -1.5, 2, 8])
  })

  test('a common offset changes nothing, however large against the variance', () => {
    const y = a.layerNorm(vector(2 ** 40, 2 ** 40 + 2, 2 ** 40 + 4, 2 ** 40 + 6), ones, bias, 4)
    expect(valuesOf(y)).toEqual(valuesOf(a.layerNorm(vector(0, 2, 4, 6), ones, bias, 4)))
  })
})
