import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tensor } from '../tensor.ts'
import { fromDense, patternFromBytes, patternToBytes, rowCount, toDense, valuesAt } from './rows.ts'

const bits = fc
  .record({ batch: fc.nat(3), n: fc.nat(4), m: fc.nat(40), seed: fc.infiniteStream(fc.nat(1)) })
  .map(({ batch, n, m, seed }) => {
    const shape = [batch, n, m]
    return { shape, bytes: Uint8Array.from({ length: batch * n * m }, () => Number(seed.next().value)) }
  })

test('a mask becomes a pattern and back', () => {
  fc.assert(
    fc.property(bits, ({ bytes, shape }) => {
      const pattern = patternFromBytes(bytes, shape)
      expect(patternToBytes(pattern)).toEqual(bytes)
      expect(rowCount(pattern)).toBe(shape[0] * shape[1])
    }),
  )
})

test('rows hold what they are told to, and nothing else', () => {
  const x = tensor(Float32Array.of(3, -1, 0, 2, -0, 5), [2, 3])
  const rows = fromDense(x, (value) => value > 1)
  expect(rows).toEqual({
    pattern: { shape: [2, 3], start: Int32Array.of(0, 1, 3), columns: Int32Array.of(0, 0, 2) },
    values: Float32Array.of(3, 2, 5),
  })
  expect(toDense(rows).data).toEqual(Float32Array.of(3, 0, 0, 2, 0, 5))
})

test('a pattern takes its values out of an array, zeros among them', () => {
  const pattern = patternFromBytes(Uint8Array.of(0, 1, 1, 0, 1, 0), [2, 3])
  const rows = valuesAt(pattern, tensor(Float64Array.of(3, -1, 0, 2, -0, 5), [2, 3]))
  expect(rows).toEqual({ pattern, values: Float64Array.of(-1, 0, -0) })
})
