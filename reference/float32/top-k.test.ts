import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../../src/random.ts'
import { tensor } from '../tensor.ts'
import { fromDense, patternFromBytes, patternToBytes, valuesAt, type SparseRows } from './rows.ts'
import { topK } from './top-k.ts'

/** The definition: sort the whole row, take the first, drop exact zeros. */
function sorted(row: readonly number[], budget: number): number[] {
  const places = row.map((value, column) => ({ value, column }))
  places.sort((a, b) => (a.value === b.value ? a.column - b.column : b.value - a.value))
  const kept = places.slice(0, Math.max(0, budget)).filter(({ value }) => value !== 0)
  return kept.map(({ column }) => column).toSorted((a, b) => a - b)
}

const one = (row: readonly number[]): SparseRows =>
  fromDense(tensor(Float32Array.from(row), [1, row.length]), (value) => value !== 0)
const columnsOf = (row: readonly number[], budget: number): number[] => [...topK(one(row), budget).columns]

const scores = fc.oneof(
  // few different values: ties everywhere
  fc.array(fc.constantFrom(-2, -1, 0, -0, 1, 2), { minLength: 1, maxLength: 30 }),
  fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 60 }),
)

test('keeps what sorting the dense rows would', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 65 }), (row, budget) => {
      expect(columnsOf(row, budget)).toEqual(sorted(row, budget))
    }),
    { numRuns: 2000 },
  )
})

test('stored zeros are zeros like those not held, and rows do not mix', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.constantFrom(-2, -1, -0, 0, 1, 3), { minLength: 7, maxLength: 7 }), {
        minLength: 1,
      }),
      fc.infiniteStream(fc.boolean()),
      fc.nat(8),
      (rows, coin, budget) => {
        // as many batches of one row as there are rows: the budget is of a row, not of a batch
        const x = tensor(Float64Array.from(rows.flat()), [rows.length, 1, 7])
        const held = Uint8Array.from(rows.flat(), (value) => Number(value !== 0 || coin.next().value))
        const found = topK(valuesAt(patternFromBytes(held, x.shape), x), budget)
        const expected = rows.flatMap((row) => {
          const kept = new Set(sorted(row, budget))
          return row.map((_, column) => Number(kept.has(column)))
        })
        expect([...patternToBytes(found)]).toEqual(expected)
      },
    ),
  )
})

test.each<[string, number[], number, number[]]>([
  ['no budget', [1, 2], 0, []],
  ['budget of the row', [1, -2], 2, [0, 1]],
  ['budget above the row', [1, 0, -2], 9, [0, 2]],
  ['nothing but zeros', [0, -0, 0], 2, []],
  ['the lower column among equals', [5, 7, 5, 5, 7], 3, [0, 1, 4]],
  ['positives end with the budget', [3, 1, 2], 2, [0, 2]],
  ['zeros use up the budget before a negative', [-1, 4, 0, -3], 2, [1]],
  ['zeros used up, the larger negative', [-3, 4, 0, -1], 3, [1, 3]],
  ['the lower column among equal negatives', [-1, 4, 0, -1], 3, [0, 1]],
  ['infinities', [-Infinity, Infinity, 1], 2, [1, 2]],
  ['infinities, all', [-Infinity, Infinity, 1], 3, [0, 1, 2]],
  ['NaN comes last and is not kept', [NaN, -1, 2], 3, [1, 2]],
  ['NaN uses up no budget', [NaN, -1, 2], 2, [1, 2]],
])('%s', (_, row, budget, expected) => {
  expect(columnsOf(row, budget)).toEqual(expected)
})

/** Musser's killer of medians of three ("Introspective sorting and selection algorithms", 1997). */
function killer(count: number): number[] {
  const half = count / 2
  return Array.from({ length: count }, (_, i) =>
    i >= half ? 2 * (i - half + 1) : i % 2 === 0 ? i + 1 : half + i,
  )
}

describe('comparisons grow with the length of the row, whatever its order', () => {
  const stream = random('top-k')
  const orders: [string, (count: number) => number[]][] = [
    ['rising', (count) => Array.from({ length: count }, (_, i) => i + 1)],
    ['falling', (count) => Array.from({ length: count }, (_, i) => count - i)],
    ['organ pipe', (count) => Array.from({ length: count }, (_, i) => Math.min(i, count - i) + 1)],
    ['valley', (count) => Array.from({ length: count }, (_, i) => Math.max(i, count - i) + 1)],
    ['all equal', (count) => Array.from({ length: count }, () => 3)],
    ['two values', (count) => Array.from({ length: count }, () => stream.integer(1, 2))],
    ['random', (count) => Array.from({ length: count }, () => stream.uniform() + 1)],
    ['negative', (count) => Array.from({ length: count }, (_, i) => -i - 1)],
    ['a killer of medians of three', killer],
  ]
  test.each(orders)('%s', (_, order) => {
    for (const count of [1000, 8000, 64_000]) {
      const row = one(order(count))
      for (const budget of [1, count >> 4, count >> 1, count - 2]) {
        const effort = { comparisons: 0 }
        expect(topK(row, budget, effort).columns.length).toBe(budget)
        // every value is compared at least once, but the pivot
        expect(effort.comparisons).toBeGreaterThanOrEqual(count - 1)
        // PATIENCE a value, and then at most about twenty for medians of medians
        expect(effort.comparisons).toBeLessThan(30 * count)
      }
    }
  })
})
