import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../../src/random.ts'
import { medianOfMedians, quickselect } from './quickselect.ts'

// many values, so that medians of medians have groups of all sizes; few different ones, so that there are ties
const values = fc
  .oneof(
    fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 300 }),
    fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 300 }),
  )
  .chain((xs) => fc.record({ xs: fc.constant(xs), rank: fc.nat(xs.length - 1) }))

test('finds the value of a rank, with none smaller before it and none larger after it', () => {
  fc.assert(
    fc.property(values, ({ xs, rank }) => {
      const x = Float64Array.from([...xs, Infinity])
      const found = quickselect(x, xs.length, rank, { comparisons: 0 })
      // −0 and 0 are equal, and may stand for one another
      expect(found === xs.toSorted((a, b) => b - a)[rank]).toBe(true)
      expect(x.subarray(0, rank).every((value) => value >= found)).toBe(true)
      expect(x.subarray(rank, xs.length).every((value) => value <= found)).toBe(true)
      // nothing beyond `count` is touched, nothing is lost
      expect(x.at(-1)).toBe(Infinity)
      expect(x.slice(0, -1).toSorted()).toEqual(Float64Array.from(xs).toSorted())
    }),
    { numRuns: 500 },
  )
})

/** What finding `rank` takes. */
const effortOf = (xs: readonly number[], rank: number, before = 0): number => {
  const effort = { comparisons: before }
  quickselect(Float64Array.from(xs), xs.length, rank, effort)
  return effort.comparisons - before
}

// first, middle and last differ; all the others lie on one side, so that only a pivot of 0 leaves few
test.each([
  [1, 0, -1],
  [1, -1, 0],
  [0, 1, -1],
  [0, -1, 1],
  [-1, 1, 0],
  [-1, 0, 1],
])('the median of %i, %i, %i is the pivot', (first, middle, last) => {
  const row = (others: number): number[] =>
    Array.from({ length: 201 }, () => others)
      .with(0, first)
      .with(100, middle)
      .with(200, last)
  expect(effortOf(row(-1), 0)).toBeLessThan(220)
  expect(effortOf(row(1), 200)).toBeLessThan(220)
})

test('one pass finds a value that equals the pivot and stands where the scans met', () => {
  expect(
    effortOf(
      Array.from({ length: 1001 }, () => 3),
      500,
    ),
  ).toBe(1001 + 5)
})

test('ordinary rows are selected from by medians of three, whatever was counted before', () => {
  const stream = random('quickselect')
  const xs = Array.from({ length: 20_000 }, () => stream.uniform())
  // Knuth: about 2.75 for the median
  for (const before of [0, 1e9]) expect(effortOf(xs, 10_000, before)).toBeLessThan(4 * xs.length)
})

describe('a median of medians', () => {
  test('of up to five is their median, each comparison counted', () => {
    const few = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(few, (xs) => {
        const effort = { comparisons: 0 }
        const median = medianOfMedians(Float64Array.from(xs), 0, xs.length - 1, effort)
        expect(median).toBe(xs.toSorted((a, b) => b - a)[(xs.length - 1) >> 1])
        // insertion: one to see that a value stands right, and one more for each it passes
        const passed = xs.flatMap((x, i) => xs.slice(0, i).filter((before) => before < x)).length
        expect(effort.comparisons).toBe(xs.length - 1 + passed)
      }),
      { numRuns: 300 },
    )
  })

  test('has at least 3/10 of the values on either side, moves nothing out of its range, and is linear', () => {
    const many = fc.oneof(
      fc.uniqueArray(fc.double({ noNaN: true }), { minLength: 6, maxLength: 400 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 6, maxLength: 400 }),
      // rising, falling and sawtooth, where the places themselves say what the values are
      fc
        .record({ count: fc.integer({ min: 6, max: 400 }), step: fc.integer({ min: 1, max: 400 }) })
        .map(({ count, step }) => Array.from({ length: count }, (_, i) => (i * step) % 401)),
    )
    fc.assert(
      fc.property(many, fc.nat(3), fc.nat(3), (xs, before, after) => {
        const edge = (length: number): number[] => Array.from({ length }, () => 500)
        const x = Float64Array.from([...edge(before), ...xs, ...edge(after)])
        const effort = { comparisons: 0 }
        const median = medianOfMedians(x, before, before + xs.length - 1, effort)
        // half the groups of five but for the median's own and the ragged last, three values each
        const share = 3 * (Math.ceil(Math.ceil(xs.length / 5) / 2) - 2)
        expect(xs.filter((value) => value >= median).length).toBeGreaterThanOrEqual(share)
        expect(xs.filter((value) => value <= median).length).toBeGreaterThanOrEqual(share)
        expect(x.toSorted()).toEqual(Float64Array.from([...edge(before), ...xs, ...edge(after)]).toSorted())
        expect([...x.subarray(0, before), ...x.subarray(before + xs.length)]).toEqual(edge(before + after))
        expect(effort.comparisons).toBeLessThan(14 * xs.length)
      }),
      { numRuns: 300 },
    )
  })
})
