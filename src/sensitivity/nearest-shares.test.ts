import { expect, test } from 'vitest'
import { nearestShares } from './nearest-shares.ts'

const left = (z: readonly number[], ...effects: readonly (readonly number[])[]): number[] =>
  Array.from(
    nearestShares(
      Float64Array.from(z),
      effects.map((effect) => Float64Array.from(effect)),
    ),
    (value) => Math.round(1000 * value) / 1000 + 0,
  )

test('what is within the limits is taken whole', () => {
  expect(left([3, -2, 1], [4, 0, 0], [0, 8, 0])).toEqual([0, 0, 1])
  expect(left([2, 5], [3, 0], [3, 10])).toEqual([0, 0])
})

test('no share is larger than 1, either way', () => {
  expect(left([9, -9], [4, 0], [0, 4])).toEqual([5, -5])
  expect(left([5, 5], [3, 0], [3, 10])).toEqual([0.459, -0.138])
})

test('nothing to take, or nothing that can be', () => {
  expect(left([1, 2])).toEqual([1, 2])
  expect(left([1, 2], [0, 0])).toEqual([1, 2])
})
