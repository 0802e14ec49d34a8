import { expect, test } from 'vitest'
import { random } from '../../random.ts'
import { bf16, fp16, tf32 } from './formats.ts'

test('bfloat16 is float32 with its lower half rounded away, to even', () => {
  const words = new Uint32Array(1)
  const float = new Float32Array(words.buffer)
  const source = random(8)
  for (let i = 0; i < 2000; i++) {
    words[0] = source.integer(0, 2 ** 32 - 1)
    const x = float[0]
    if (!Number.isFinite(x) || Math.abs(x) > 3e38) continue
    words[0] = (words[0] + 0x7fff + ((words[0] >>> 16) & 1)) & 0xffff0000
    expect(bf16.round(x)).toBe(float[0])
  }
})

test.each<[number, number]>([
  [1 + 2 ** -11, 1],
  [1 + 3 * 2 ** -11, 1 + 2 ** -9],
  [1 + 2 ** -11 + 2 ** -30, 1 + 2 ** -10],
  [2048.5, 2048],
  [2 ** -24 * 1.5, 2 ** -23],
  [2 ** -25, 0],
  [65519, 65504],
  [65520, Infinity],
  [-65520, -Infinity],
  [0, 0],
])('float16 of %d is %d', (x, rounded) => expect(fp16.round(x)).toBe(rounded))

test('TF32 has the digits of float16 and the range of float32', () => {
  expect(tf32.round(1 + 3 * 2 ** -11)).toBe(1 + 2 ** -9)
  expect(tf32.round(65520)).toBe(65536)
  expect(tf32.round(2 ** -100 * (1 + 2 ** -10))).toBe(2 ** -100 * (1 + 2 ** -10))
})
