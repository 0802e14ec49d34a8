import { describe, expect, test } from 'vitest'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor } from '../../../reference/tensor.ts'
import { accuracyOf } from '../profile/accuracy.ts'
import { portable } from '../profile/shipped.ts'
import { softmaxVariance } from './rowwise.ts'
import { scatterOf } from './scatter.ts'

const scatter = scatterOf(accuracyOf(portable))
const row = (...values: number[]): ReturnType<typeof tensor> =>
  tensor(Float64Array.from(values), [1, values.length])

function variances(z: readonly number[], deviation = 0): number[] {
  const logits = row(...z)
  const p = fullArithmetic(Float64Array).softmax(logits)
  return [
    ...softmaxVariance(scatter, { v: logits, s2: row(...z.map(() => deviation ** 2)) }, p).data,
  ] as number[]
}

describe('a softmax of absurd logits', () => {
  test('is sure of one that is alone, however far off exp may be: 0 times ∞ is 0', () => {
    // an exp at 5e6 is known within no factor
    expect(scatter.exp(5e6)).toBe(Infinity)
    const [alone, other] = variances([5e6, 0])
    expect(alone).toBeGreaterThan(0)
    expect(alone).toBeLessThan(1e-13)
    expect(other).toBeLessThan(1e-13)
  })

  test('may be anything where logits are off by more than they are apart, though q² is 0: at most a quarter', () => {
    expect(variances([0, -400], 100)[1]).toBe(0.25)
    expect(variances([0, -700], 72)[1]).toBe(0.25)
  })

  test('is nothing still where they are off by less', () => {
    // e^(714 − 740)/10, squared; q is 4e-322, q² 0 and e^714 infinite: ten deviations of both logits together
    const [, q] = variances([0, -740], 50.5)
    expect(q).toBeGreaterThan(0)
    expect(q).toBeLessThan(1e-20)
  })
})
