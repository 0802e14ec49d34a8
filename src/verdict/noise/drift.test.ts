import { expect, test } from 'vitest'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { random } from '../../random.ts'
import { softmaxDrift, sumDrift } from './drift.ts'

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

test('logits on a grid drift by the second order of their powers', () => {
  // far from 0, logits are multiples of 2⁻¹⁴, and powers just below 1 of nearly 2⁻¹⁴
  const z = tensor(
    logits(1e-3).data.map((x) => Math.fround(1000 + x)),
    [ROWS, N],
  )
  const { byRow } = softmaxDrift(z, softmax(z))
  for (let row = 0; row < ROWS; row++) expect(byRow[row]).toBeGreaterThan(0.8 * Math.abs(offIn(z, row)))
})

/** Rows of terms, and how far off a float32 sum of each is. */
function sums(term: (random: number) => number): { terms: Tensor; off: number[] } {
  const source = random(5)
  const terms = tensor(
    Float64Array.from({ length: ROWS * N }, () => Math.fround(term(source.normal()))),
    [ROWS, N],
  )
  const off = Array.from({ length: ROWS }, (_, row) => {
    const own = terms.data.subarray(row * N, (row + 1) * N)
    return own.reduce((sum, t) => Math.fround(sum + t), 0) - own.reduce((sum, t) => sum + t, 0)
  })
  return { terms, off }
}

test('terms of a loss that are nearly alike drift as a float32 sum of them does, in all rows to one side', () => {
  const { terms, off } = sums((x) => -5.975e-4 * (1 + 1e-6 * x))
  const { byRow, isTogether } = sumDrift(terms, N)
  expect(isTogether).toBe(true)
  for (let row = 0; row < ROWS; row++) {
    expect(byRow[row]).toBeGreaterThan(Math.abs(off[row]))
    expect(byRow[row]).toBeLessThan(4 * Math.abs(off[row]))
  }
})

test('terms that have nothing in common do not, nor do those half-way between two floats', () => {
  for (const { terms } of [sums((x) => x), sums((x) => 1 + Math.round(x) * 2 ** -17)]) {
    const { byRow, isTogether } = sumDrift(terms, N)
    expect([Math.max(...byRow), isTogether]).toEqual([0, false])
  }
})
