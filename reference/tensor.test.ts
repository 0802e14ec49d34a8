import { expect, test } from 'vitest'
import { ShapeError } from './shape-error.ts'
import { formatShape, sameShape, sizeOf, tensor } from './tensor.ts'

test('a tensor is row-major, contiguous, and shares its data', () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i)
  const x = tensor(data, [2, 3, 4])
  expect([x.stride, x.offset, x.size]).toEqual([[12, 4, 1], 0, 24])
  expect(x.data).toBe(data)
  expect(x.get(1, 2, 3)).toBe(23)
})

test('a scalar has shape [] and one element', () => {
  const x = tensor(Float64Array.of(7), [])
  expect([x.shape, x.stride, x.size, x.data[0]]).toEqual([[], [], 1, 7])
  expect(sizeOf([])).toBe(1)
  expect(formatShape([])).toBe('[]')
})

test('shapes are the same in every extent and in how many they have', () => {
  expect(sameShape([2, 3], [2, 3])).toBe(true)
  expect(sameShape([2], [2, 3])).toBe(false)
  expect(sameShape([2, 3], [2])).toBe(false)
  expect(sameShape([2, 3], [3, 2])).toBe(false)
})

test('a shape error says operation, argument, expected and found, and what it is', () => {
  const error = new ShapeError('add', 'y', '[2]', [3, 4])
  expect(String(error)).toBe('ShapeError: add: y: expected [2], found [3, 4]')
})

test('with a hint after it, where there is one', () => {
  const error = new ShapeError('patch', 'image', '[4, 4]', [3, 4], 'resize it')
  expect(error.message).toBe('patch: image: expected [4, 4], found [3, 4]; resize it')
})
