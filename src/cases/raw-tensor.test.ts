import { describe, expect, test } from 'vitest'
import { QuestionError } from '../errors.ts'
import { byteSize, fromReal, fromU8, MAX_RANK, real } from './raw-tensor.ts'

describe('byteSize', () => {
  const most = Number.MAX_SAFE_INTEGER

  test('a scalar is one element, a zero-sized dimension none', () => {
    expect(byteSize('x', 'F64', [])).toBe(8)
    expect(byteSize('x', 'F64', [3, 0, 2])).toBe(0)
  })

  test.each([[[-1]], [[1.5]], [[NaN]], [[most + 1]]])('an extent cannot be %j', (shape) => {
    expect(() => byteSize('x', 'U8', shape)).toThrow('x: expected extents that are whole numbers')
  })

  test('elements are counted to 2^53 - 1, and no further', () => {
    expect(byteSize('x', 'U8', [most])).toBe(most)
    expect(byteSize('x', 'U8', [2 ** 26, 2 ** 26])).toBe(2 ** 52)
    expect(() => byteSize('x', 'U8', [2 ** 26, 2 ** 27])).toThrow(
      'x: expected a shape of at most 2^53 - 1 elements',
    )
  })

  test('an overflow is not hidden by a zero', () => {
    expect(() => byteSize('x', 'U8', [0, most, most])).toThrow(
      'x: expected a shape of at most 2^53 - 1 elements',
    )
  })

  test('the rank is bounded', () => {
    const ones = (rank: number) => Array.from({ length: rank }, () => 1)
    expect(byteSize('x', 'U8', ones(MAX_RANK))).toBe(1)
    expect(() => byteSize('x', 'U8', ones(MAX_RANK + 1))).toThrow('at most 64 extents, found 65')
  })

  test('a long name is cut in the message', () => {
    expect(() => byteSize('n'.repeat(1e6), 'U8', [-1])).toThrow(/^n{80}…: expected/)
    expect(() => byteSize('n'.repeat(80), 'U8', [-1])).toThrow(/^n{80}: expected/)
  })
})

describe('real numbers', () => {
  test('are copied out, from where typed arrays could not look', () => {
    const file = new Uint8Array([0xff, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
    const raw = { dtype: 'F32', shape: [2], bytes: file.subarray(1) } as const
    const numbers = real(raw)
    expect(numbers).toEqual(new Float32Array([1, -2]))
    numbers[0] = 7
    expect(file[4]).toBe(0x3f)
  })

  test('are copied out of a Buffer too, whose slice is a view', () => {
    const bytes = Buffer.from([0, 0, 0x80, 0x3f])
    real({ dtype: 'F32', shape: [1], bytes })[0] = 7
    expect([...bytes]).toEqual([0, 0, 0x80, 0x3f])
  })

  test('are written little-endian', () => {
    expect(fromReal(new Float32Array([1]), [1])).toEqual({
      dtype: 'F32',
      shape: [1],
      bytes: new Uint8Array([0, 0, 0x80, 0x3f]),
    })
    expect(fromReal(new Float64Array([-2]), [])).toEqual({
      dtype: 'F64',
      shape: [],
      bytes: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0xc0]),
    })
  })

  test('are taken from a part of a longer array', () => {
    const part = new Float32Array([1, 2, 3, 4]).subarray(1, 3)
    expect(real(fromReal(part, [2]))).toEqual(new Float32Array([2, 3]))
  })

  test('keep NaN payloads, signalling ones too', () => {
    const bytes = new Uint8Array([1, 0, 0x80, 0x7f, 0x45, 0x23, 0xc1, 0xff])
    expect(fromReal(real({ dtype: 'F32', shape: [2], bytes }), [2]).bytes).toEqual(bytes)
  })

  test('of another dtype are refused', () => {
    const raw = { dtype: 'I16', shape: [1], bytes: new Uint8Array(2) } as const
    expect(() => real(raw, 'input.P')).toThrow(
      new QuestionError({ tensor: 'input.P', expected: 'dtype F32 or F64', found: 'I16' }),
    )
    expect(() => real(raw)).toThrow('expected dtype F32 or F64, found I16')
  })

  test('must fill their shape', () => {
    expect(() => fromReal(new Float32Array(3), [2, 2])).toThrow(
      'fromReal: expected 4 elements for [2, 2], found 3',
    )
    expect(() => fromU8(new Uint8Array(5), [2, 2])).toThrow('fromU8: expected 4 elements for [2, 2], found 5')
  })
})

test('a mask is copied', () => {
  const mask = new Uint8Array([1, 0])
  const raw = fromU8(mask, [2])
  mask[0] = 9
  expect(raw).toEqual({ dtype: 'U8', shape: [2], bytes: new Uint8Array([1, 0]) })
})
