import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ShapeError } from '../../reference/shape-error.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import { CHANNELS, drawStem, embedImage, GRID, PATCH } from './embed.ts'

const SIDE = GRID * PATCH

/** Pixels in the range of a normalised picture, exact in float32, with no symmetry. */
function synthetic(): Tensor<Float32Array> {
  const data = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => ((i * 2_654_435) % 1021) / 256 - 2)
  return tensor(data, [SIDE, SIDE, 3])
}

const digest = ({ data }: Tensor<Float32Array>) =>
  createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex').slice(0, 16)

test('the tokens are these, everywhere and for good', () => {
  const { tokens, tokensWithClass } = embedImage(synthetic(), 1)
  expect([tokens.shape, tokensWithClass.shape]).toEqual([
    [196, 384],
    [197, 384],
  ])
  expect(digest(tokens)).toBe('305abec39a8a299a')
  expect(digest(tokensWithClass)).toBe('bb9a7b3aa96355e7')
  expect(digest(embedImage(synthetic(), 2).tokens)).not.toBe(digest(tokens))
})

test('equals the loops over channel, colour, row and column', () => {
  const pixels = synthetic()
  const { weight, bias, positions } = drawStem(5)
  const { tokens } = embedImage(pixels, 5)
  for (let n = 0; n < GRID * GRID; n++) {
    const [top, left] = [Math.floor(n / GRID) * PATCH, (n % GRID) * PATCH]
    for (let c = 0; c < CHANNELS; c++) {
      let sum = 0
      for (let colour = 0; colour < 3; colour++) {
        for (let row = 0; row < PATCH; row++) {
          for (let column = 0; column < PATCH; column++) {
            sum += pixels.get(top + row, left + column, colour) * weight.get(c, colour, row, column)
          }
        }
      }
      const projected = Math.fround(sum + bias.get(c))
      const expected = Math.fround(projected + positions.get(n + 1, c))
      if (tokens.get(n, c) !== expected) expect.fail(`at [${n}, ${c}]: ${tokens.get(n, c)}, not ${expected}`)
    }
  }
})

test('the class token comes first, with the first position, and the tokens follow', () => {
  const { classToken, positions } = drawStem(5)
  const { tokens, tokensWithClass } = embedImage(synthetic(), 5)
  const first = Array.from(classToken.data, (value, c) => Math.fround(value + positions.data[c]))
  expect([...tokensWithClass.data.subarray(0, CHANNELS)]).toEqual(first)
  expect(tokensWithClass.data.subarray(CHANNELS)).toEqual(tokens.data)
})

test('the stem has DeiT-S shapes and deviation, and no two of its tensors share numbers', () => {
  const stem = drawStem('chelsea')
  expect(Object.values(stem).map((t: Tensor) => t.shape)).toEqual([
    [384, 3, 16, 16],
    [384],
    [384],
    [197, 384],
  ])
  expect(new Set(Object.values(stem).map((t: Tensor) => t.data[0])).size).toBe(4)
  const { data } = stem.weight
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length
  // The mean of n squares of a normal number has deviation σ²·√(2/n); five of them.
  expect(Math.abs(variance / 0.02 ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / data.length))
})

test('refuses pixels of another shape, channels first among them', () => {
  const pixels = tensor(new Float32Array(SIDE * SIDE * 3), [3, SIDE, SIDE])
  expect(() => embedImage(pixels, 1)).toThrow(ShapeError)
  expect(() => embedImage(pixels, 1)).toThrow(/expected \[224, 224, 3\], found \[3, 224, 224\]/)
})
