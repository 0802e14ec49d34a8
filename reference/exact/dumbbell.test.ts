import { expect, test } from 'vitest'
import { arithmeticNamed } from '../../src/arithmetics/index.ts'
import { findEquation } from '../../src/cases/names.ts'
import { sample } from '../../src/catalogue/sample.ts'
import { exactAnswer } from './answer.ts'
import { numbersOf } from './testing.ts'

test('a window recovers from its own of the semantic tokens, several by several of them', () => {
  // 4 × 4 tokens, of which each of 2 × 2 windows has 2 × 2
  const config = { ws: 4, nw: 2, heads: 1, pooling: 'average' }
  const question = sample(findEquation('stvit/dumbbell'), 1, {
    config,
    sizes: { H: 4, W: 4, C: 2 },
    lead: [],
  })
  const exact = exactAnswer(question, { digits: 32 })
  const float64 = arithmeticNamed('float64').answer(question)
  expect([...exact.keys()]).toEqual([...float64.keys()])
  for (const [name, value] of float64) {
    if (value.kind !== 'dense') continue
    const numbers = numbersOf(exact, name)
    expect(numbers.length).toBe(value.tensor.data.length)
    // float64's own rounding through two layers: thousands of operations on values near 1, a hundredfold
    const most = 1e5 * 2 ** -53 * Math.max(1, ...numbers.map(Math.abs))
    value.tensor.data.forEach((x, i) => {
      expect(Math.abs(x - numbers[i]), `${name}[${i}]`).toBeLessThanOrEqual(most)
    })
  }
})
