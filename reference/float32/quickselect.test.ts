import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quickselect } from './quickselect.ts'

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
