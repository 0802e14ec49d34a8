import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  blocked,
  compensated,
  fused,
  lanes,
  pairwise,
  reversed,
  separate,
  sequential,
  split,
  type Dot,
} from './sums.ts'

const f = Math.fround
const step = separate(f)
const dots: readonly (readonly [string, Dot])[] = [
  ['sequential', sequential(step)],
  ['reversed', reversed(step)],
  ['pairwise', pairwise(f)],
  ['blocked', blocked(4, step, f)],
  ['split', split(3, step, f)],
  ['lanes', lanes(4, step, f)],
  ['fused', sequential(fused)],
  ['compensated', compensated(f)],
]

describe.each(dots)('%s', (_, dot) => {
  test('small integers are summed exactly, whatever the order', () => {
    const integers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 0, maxLength: 40 })
    fc.assert(
      fc.property(integers, fc.integer({ min: 0, max: 3 }), (values, offset) => {
        const a = Float32Array.from([...new Array<number>(offset).fill(7), ...values])
        const b = Float32Array.from(values, (value, i) => i - value)
        const expected = values.reduce((sum, value, i) => sum + value * (i - value), 0)
        expect(dot(a, offset, b, 0, values.length) + 0).toBe(expected + 0)
      }),
      { numRuns: 200 },
    )
  })

  test('off by no more than γ_n·Σ|terms|', () => {
    const reals = fc.array(fc.float({ noNaN: true, min: -10, max: 10 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(reals, (values) => {
        const a = Float32Array.from(values)
        const b = Float32Array.from(values, (_value, i) => f(Math.sin(i + 1)))
        const n = values.length
        let [sum, size] = [0, 0]
        for (let i = 0; i < n; i++) {
          sum += a[i] * b[i]
          size += Math.abs(a[i] * b[i])
        }
        const gamma = ((n + 1) * 2 ** -24) / (1 - (n + 1) * 2 ** -24)
        // each product or sum that comes out subnormal may lose half of the least one besides
        expect(Math.abs(dot(a, 0, b, 0, n) - sum)).toBeLessThanOrEqual(gamma * size + 2 * n * 2 ** -150)
      }),
      { numRuns: 200 },
    )
  })
})
