import { expect, test } from 'vitest'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { random } from '../../random.ts'
import { softmaxDrift } from './drift.ts'

const { softmax } = fullArithmetic(Float64Array)
const [ROWS, N] = [6, 200]

/** Logits that differ by a share of normal numbers. */
function logits(spread: number): Tensor {
  const source = random(3)
  return tensor(
    Float64Array.from({ length: ROWS * N }, () => spread * source.normal()),
    [ROWS, N],
  )
}

/** How far off a float32 sum of the powers of a row is, one after the other. */
function offIn({ data }: Tensor, row: number): number {
  const own = Array.from(data.subarray(row * N, (row + 1) * N))
  const powers = own.map((x) => Math.fround(Math.exp(x - Math.max(...own))))
  const exact = powers.reduce((sum, power) => sum + power, 0)
  return (powers.reduce((sum, power) => Math.fround(sum + power), 0) - exact) / exact
}

test('powers just below 1 drift as a float32 sum of them does', () => {
  const z = logits(1e-6)
  const { byRow, together, most } = softmaxDrift(z, softmax(z))
  for (let row = 0; row < ROWS; row++) {
    expect(Math.abs(offIn(z, row))).toBeGreaterThan(8 * 2 ** -24)
    expect(byRow[row]).toBeGreaterThan(0.8 * Math.abs(offIn(z, row)))
    expect(byRow[row]).toBeLessThan(4 * Math.abs(offIn(z, row)))
  }
  expect(together).toBeGreaterThan(0)
  expect(most).toBe(Math.max(...byRow))
})

test('powers that differ by more than an ULP of their sum do not', () => {
  const z = logits(1)
  expect(softmaxDrift(z, softmax(z))).toMatchObject({ most: 0, together: 0 })
})

test('what is exact drifts nowhere: equal logits, one key, none', () => {
  for (const z of [tensor(new Float64Array(ROWS * N), [ROWS, N]), tensor(new Float64Array(ROWS), [ROWS, 1])])
    expect(softmaxDrift(z, softmax(z)).most).toBe(0)
  const nothing = tensor(new Float64Array(4), [2, 2])
  expect(softmaxDrift(nothing, nothing).most).toBe(0)
})
