import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor } from '../../../reference/tensor.ts'
import { GROSS_DEVIATIONS } from '../noise/choice.ts'
import { compareMask } from './compare-mask.ts'

/** A score known to lie in [middle − radius, middle + radius]. */
interface Score {
  readonly middle: number
  readonly radius: number
}

/** The contract's rule: the budget largest, the lower column first among equals, then exact zeros dropped. */
function chosen(row: readonly number[], budget: number): number[] {
  const order = row.map((_, column) => column).toSorted((i, j) => row[j] - row[i] || i - j)
  const kept = new Set(order.slice(0, budget).filter((column) => row[column] !== 0))
  return row.map((_, column) => (kept.has(column) ? 1 : 0))
}

function verdictOf(scores: readonly Score[], budget: number, mask: readonly number[]): string {
  const shape = [1, scores.length]
  const v = tensor(
    Float64Array.from(scores, ({ middle }) => middle),
    shape,
  )
  const s2 = tensor(
    Float64Array.from(scores, ({ radius }) => (radius / GROSS_DEVIATIONS) ** 2),
    shape,
  )
  const b = tensor(
    Float64Array.from(scores, ({ radius }) => radius),
    shape,
  )
  const middles = scores.map(({ middle }) => middle)
  const truth = {
    shape,
    data: Uint8Array.from(chosen(middles, budget)),
    chosenBy: { scores: { v, b, s2 }, budget },
  }
  return compareMask(truth, { shape, data: Uint8Array.from(mask) }).verdict
}

/** Every 0/1 row of length m. */
function rowsOfBits(m: number): number[][] {
  return Array.from({ length: 2 ** m }, (_, bits) => Array.from({ length: m }, (_bit, i) => (bits >> i) & 1))
}

function* productOf(choices: readonly (readonly number[])[]): Generator<number[]> {
  if (choices.length === 0) {
    yield []
    return
  }
  for (const rest of productOf(choices.slice(1))) for (const first of choices[0]) yield [first, ...rest]
}

/**
 * Every mask that some scores within the intervals are given. Which set the rule takes depends on order alone, so it is
 * enough to let each score take the ends of all intervals, zero, and two values in each gap between those: the chosen
 * can take the upper, the others the lower.
 */
function legalMasks(scores: readonly Score[], budget: number): Set<string> {
  const ends = [0, ...scores.flatMap(({ middle, radius }) => [middle - radius, middle + radius])]
  const critical = [...new Set(ends)].toSorted((a, b) => a - b)
  const grid = critical.flatMap((value, i) => {
    const gap = (critical[i + 1] ?? value) - value
    return gap === 0 ? [value] : [value, value + gap / 3, value + (2 * gap) / 3]
  })
  const choices = scores.map(({ middle, radius }) =>
    grid.filter((value) => value >= middle - radius && value <= middle + radius),
  )
  const legal = new Set<string>()
  for (const row of productOf(choices)) legal.add(chosen(row, budget).join(''))
  return legal
}

describe('exact scores leave exactly one mask', () => {
  test.each([1, 2, 3, 4, 5])('rows of %i, all budgets, all masks', (m) => {
    const values = m === 5 ? [-1, 0, 1] : [-1, 0, 1, 2]
    const masks = rowsOfBits(m)
    for (const row of productOf(Array.from({ length: m }, () => values))) {
      const scores = row.map((middle) => ({ middle, radius: 0 }))
      for (let budget = 0; budget <= m; budget++) {
        const only = chosen(row, budget).join('')
        for (const mask of masks) {
          const expected = mask.join('') === only ? 'pass' : 'fail'
          const found = verdictOf(scores, budget, mask)
          if (found !== expected)
            expect.fail(`${row.join()}; budget ${budget}; mask ${mask.join()}: ${found}, not ${expected}`)
        }
      }
    }
  })
})

const score = fc.record({
  middle: fc.integer({ min: -4, max: 4 }).map((quarters) => quarters / 4),
  radius: fc.constantFrom(0, 0, 0.125, 0.25, 0.5, 0.75),
})
// a row of which no score is uncertain is exact, and the test above has it
const rows = fc
  .array(score, { minLength: 1, maxLength: 4 })
  .filter((row) => row.some(({ radius }) => radius > 0))

describe('uncertain scores', () => {
  test('no mask is called illegal that some scores within the bounds are given', () => {
    fc.assert(
      fc.property(rows, fc.nat(5), (scores, budget) => {
        for (const mask of legalMasks(scores, budget)) {
          expect(verdictOf(scores, budget, mask.split('').map(Number)), mask).not.toBe('fail')
        }
      }),
      { numRuns: 400 },
    )
  })

  test('of the masks that no scores within the bounds are given, all fail', () => {
    let [illegal, caught] = [0, 0]
    for (const [scores, budget] of fc.sample(fc.tuple(rows, fc.nat(5)), { numRuns: 3000, seed: 1 })) {
      const legal = legalMasks(scores, budget)
      for (const mask of rowsOfBits(scores.length)) {
        if (legal.has(mask.join(''))) continue
        illegal++
        if (verdictOf(scores, budget, mask) === 'fail') caught++
      }
    }
    expect(illegal).toBeGreaterThan(5000)
    expect(caught).toBe(illegal)
  })
})
