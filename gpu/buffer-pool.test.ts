import { expect, test } from 'vitest'
import { bufferSize } from './buffer-pool.ts'

const MEGABYTE = 2 ** 20

test.each<[bytes: number, largest: number, size: number]>([
  [4, 2 ** 31, 256],
  [260, 2 ** 31, 512],
  [MEGABYTE + 4, 2 ** 31, 2 * MEGABYTE],
  // what a device has buffers for fits, whatever its class
  [3 * MEGABYTE - 8, 3 * MEGABYTE - 4, 3 * MEGABYTE - 4],
  [3 * MEGABYTE - 4, 3 * MEGABYTE - 4, 3 * MEGABYTE - 4],
  [4 * MEGABYTE, 3 * MEGABYTE - 4, 4 * MEGABYTE],
])('%d bytes, of at most %d, take a buffer of %d', (bytes, largest, size) => {
  expect(bufferSize(bytes, largest)).toBe(size)
})
