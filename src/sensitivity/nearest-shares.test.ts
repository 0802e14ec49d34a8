import { expect, test } from 'vitest'
import { nearestShares, type Takeable } from './nearest-shares.ts'

const way = (effect: readonly number[], allowance: string, part = 1): Takeable => ({
  effect: Float64Array.from(effect),
  allowance,
  part,
})
const left = (z: readonly number[], ...ways: readonly Takeable[]): number[] =>
  Array.from(nearestShares(Float64Array.from(z), ways), (value) => Number(value.toFixed(3)))

test('what is within the limits is taken whole', () => {
  expect(left([3, -2, 1], way([4, 0, 0], 'a'), way([0, 8, 0], 'b'))).toEqual([0, 0, 1])
  expect(left([5, 5], way([3, 0], 'a'), way([3, 10], 'b'))).toEqual([0.459, -0.138])
})

test('no share is larger than 1, either way', () => {
  expect(left([9, -9], way([4, 0], 'a'), way([0, 4], 'b'))).toEqual([5, -5])
})

test('ways of one allowance share it, and may stand against each other', () => {
  expect(left([4, 4], way([4, 0], 'a'), way([0, 4], 'a'))).toEqual([0, 4])
  expect(left([4, -4], way([4, 0], 'a'), way([0, 4], 'a'))).toEqual([0, 0])
  expect(left([3, 3], way([3, 0], 'a', 1 / 3), way([0, 3], 'a'))).toEqual([0, 1])
})

test('nothing to take, or nothing that can be', () => {
  expect(left([1, 2])).toEqual([1, 2])
  expect(left([1, 2], way([0, 0], 'a'))).toEqual([1, 2])
})
