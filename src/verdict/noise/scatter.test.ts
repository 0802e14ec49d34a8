import { expect, test } from 'vitest'
import { random } from '../../random.ts'
import { accuracyOf } from '../profile/accuracy.ts'
import { portable } from '../profile/shipped.ts'
import { scatterOf, varianceOfSum } from './scatter.ts'

const scatter = scatterOf(accuracyOf(portable))

/** A sum of n squares of normal numbers in float32, in order, and by how many standard deviations of its noise it is off. */
function offBy(n: number, seed: number): number {
  const source = random(seed)
  let [sum, S, Q] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const t = Math.fround(source.normal() ** 2)
    sum = Math.fround(sum + t)
    S += t
    Q += t * t
  }
  return Math.abs(sum - S) / Math.sqrt(varianceOfSum(scatter.sum(n, false), S, Q, n))
}

// without what long sums lose, the last is 6 to 7 standard deviations off
test.each([2 ** 8, 2 ** 12, 2 ** 16, 2 ** 18])(
  'a sequential sum of %i squares is within four deviations',
  (n) => {
    for (const seed of [1, 2, 3]) expect(offBy(n, seed)).toBeLessThan(4)
  },
)
