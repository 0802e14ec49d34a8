import { expect, test, vi } from 'vitest'
import { fromReal, real } from './raw-tensor.ts'

vi.mock('node:os', () => ({ endianness: () => 'BE' }))

/** The bytes as this host has them, each number's reversed: what a big-endian host's numbers are in the file. */
function reversed(data: Float32Array | Float64Array): number[] {
  const size = data.BYTES_PER_ELEMENT
  const bytes = [...new Uint8Array(data.buffer)]
  return Array.from(data, (_, i) => bytes.slice(i * size, (i + 1) * size).toReversed()).flat()
}

test.each([
  ['F32', Float32Array.of(1.5, -2, 3e-8)],
  ['F64', Float64Array.of(0.1, -2, 3e-300)],
])('where the host is big-endian, numbers are turned round on the way, %s', (_, data) => {
  const raw = fromReal(data, [3])
  expect([...raw.bytes]).toEqual(reversed(data))
  expect(real(raw)).toEqual(data)
})
