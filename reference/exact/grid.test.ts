import { expect, test } from 'vitest'
import { grid, gridOf, sizeOf, stacked } from './grid.ts'

test('values come in row-major order, and are found where they are', () => {
  const indices: number[][] = []
  const x = grid([2, 3], (i, j) => {
    indices.push([i, j])
    return 10 * i + j
  })
  expect(indices).toEqual([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]) // prettier-ignore
  expect(x.values).toEqual([0, 1, 2, 10, 11, 12])
  expect(x.at(1, 2)).toBe(12)
  expect(grid([], () => 7).at()).toBe(7)
  expect(grid([2, 0], () => 7).values).toEqual([])
})

test.each([[[2, 0]], [[0, 3]], [[-1, 0]], [[0, -1]], [[0]], [[0, 0, 0]], [[NaN, 0]]])(
  '%j is no place',
  (index) => {
    const x = grid([2, 3], () => 0)
    expect(() => x.at(...index)).toThrow(`grid: expected an index of [2, 3], found [${index.join(', ')}]`)
  },
)

test('as many values as the shape has', () => {
  expect(() => gridOf([2, 3], [1, 2])).toThrow('grid: expected 6 values for [2, 3], found 2')
  expect(sizeOf([])).toBe(1)
})

test('grids are stacked along leading axes', () => {
  const row = (from: number): ReturnType<typeof gridOf<number>> => gridOf([2], [from, from + 1])
  const x = stacked([2, 1], [row(1), row(5)])
  expect(x.shape).toEqual([2, 1, 2])
  expect(x.values).toEqual([1, 2, 5, 6])
})
