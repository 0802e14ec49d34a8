import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { decodeImage, type DecodedImage } from './decode.ts'
import { resizeAndCrop } from './resize.ts'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/** Every pixel its own colour, steep and wrapping, so that a wrong tap shows. */
function pattern(width: number, height: number): DecodedImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    return (x * x * 7 + y * 13 + x * y * ((i % 3) + 1)) % 256
  })
  return { width, height, data }
}

/**
 * From Pillow 12.3.0: sha256, 16 digits, of
 * `im.resize((w, h), Image.BICUBIC).crop((left, top, left + 224, top + 224)).tobytes()`.
 */
describe('the bits of Pillow', () => {
  test.each<[string, number, number, number, number, number, number, string]>([
    ['enlarged, portrait', 100, 150, 256, 384, 16, 80, '2915ae164ffdd3df'],
    ['enlarged, landscape', 150, 101, 380, 256, 78, 16, 'ebec4be0cbc983f1'],
    ['shrunk', 1000, 2001, 256, 512, 16, 144, '163951ccc1e27999'],
    ['enlarged far', 300, 8, 9600, 256, 4688, 16, '5ccdb9ebbb21522e'],
    ['left as it is', 256, 257, 256, 257, 16, 16, 'b4e4df7ee341fd68'],
    ['one pixel', 1, 1, 256, 256, 16, 16, '0a3f0ee9e3cbab26'],
  ])('%s', (_, width, height, newWidth, newHeight, left, top, expected) => {
    const out = resizeAndCrop(pattern(width, height), newWidth, newHeight, { left, top, side: 224 })
    expect(digest(out)).toBe(expected)
  })

  test.each([
    ['chelsea.png', 384, 80, '914a836f03cb3b67'],
    ['astronaut.png', 256, 16, '9ffefd26366c3321'],
  ])('%s, decoded and shrunk', async (name, newWidth, left, expected) => {
    const image = await decodeImage(`golden/images/${name}`)
    expect(digest(resizeAndCrop(image, newWidth, 256, { left, top: 16, side: 224 }))).toBe(expected)
  })
})

test('the crop is the same part of the whole', () => {
  const image = pattern(90, 70)
  const whole = resizeAndCrop(image, 120, 120, { left: 0, top: 0, side: 120 })
  const part = resizeAndCrop(image, 120, 120, { left: 31, top: 7, side: 50 })
  for (let row = 0; row < 50; row++) {
    const from = ((row + 7) * 120 + 31) * 3
    expect(part.subarray(row * 150, (row + 1) * 150)).toEqual(whole.subarray(from, from + 150))
  }
})

test('black and white stay in range where the kernel overshoots', () => {
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 32 ? 0 : 255))
  const out = resizeAndCrop({ width: 64, height: 64, data }, 200, 200, { left: 0, top: 0, side: 200 })
  const row = Array.from({ length: 200 }, (_, x) => out[x * 3])
  expect(row).toEqual(row.toSorted((a, b) => a - b))
  expect([row[0], row[199]]).toEqual([0, 255])
})
