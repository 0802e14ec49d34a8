import { describe, expect, test } from 'vitest'
import { decodeImage, type DecodedImage } from './decode.ts'
import { CROP, MEAN, preprocess, STD } from './preprocess.ts'

function picture(
  width: number,
  height: number,
  level: (x: number, y: number, channel: number) => number,
): DecodedImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    level(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3),
  )
  return { width, height, data }
}

const normalise = (level: number, channel: number) =>
  Math.fround((level / 255 - MEAN[channel]) / STD[channel])

/** The 8-bit level that a normalised number came from. */
const levelOf = (value: number, channel: number) => Math.round((value * STD[channel] + MEAN[channel]) * 255)

test.each([
  ['enlarged', 10, 10],
  ['portrait', 200, 333],
  ['landscape', 1024, 300],
  ['shrunk', 900, 1200],
  ['as it is', 256, 256],
])('a flat colour becomes the normalised constants: %s', (_, width, height) => {
  const colour = [255, 0, 124]
  const x = preprocess(picture(width, height, (_x, _y, channel) => colour[channel]))
  expect(x.shape).toEqual([CROP, CROP, 3])
  expect(x.data).toBeInstanceOf(Float32Array)
  const expected = colour.map(normalise)
  expect(x.data.every((value, i) => value === expected[i % 3])).toBe(true)
})

test('the published constants: white, and black', () => {
  const white = preprocess(picture(1, 1, () => 255))
  const black = preprocess(picture(1, 1, () => 0))
  expect([...white.data.subarray(0, 3)]).toEqual([2.248908281326294, 2.4285714626312256, 2.640000104904175])
  expect([...black.data.subarray(0, 3)]).toEqual([-2.1179039478302, -2.0357143878936768, -1.804444432258606])
})

describe('geometry', () => {
  // Where the shorter side is 256 already nothing is resized, so the crop can be seen exactly.
  test.each([
    ['square', 256, 256, 16, 16],
    ['landscape', 300, 256, 38, 16],
    ['portrait', 256, 300, 16, 38],
    ['16.5 rounds to even', 257, 256, 16, 16],
    ['17.5 rounds to even', 259, 256, 18, 16],
    ['18.5 rounds to even', 256, 261, 16, 18],
  ])('%s: the crop starts where torchvision puts it', (_, width, height, left, top) => {
    const level = (x: number, y: number, channel: number) => (x * 3 + y * 7 + channel * 50) % 256
    const x = preprocess(picture(width, height, level))
    for (let row = 0; row < CROP; row++) {
      for (let column = 0; column < CROP; column++) {
        for (let channel = 0; channel < 3; channel++) {
          const expected = normalise(level(column + left, row + top, channel), channel)
          if (x.get(row, column, channel) !== expected) expect.fail(`at [${row}, ${column}, ${channel}]`)
        }
      }
    }
  })

  // The resized longer sides are even, so that the crop can sit in the very middle.
  test.each([
    ['landscape', 700, 512],
    ['portrait', 512, 700],
    ['enlarged', 128, 181],
  ])('a gradient runs the right way, and its mirror image gives the mirror image: %s', (_, width, height) => {
    const level = (x: number, y: number, channel: number) =>
      ((x * (channel + 1)) / width + (y * 2) / height) * 51
    const upright = preprocess(picture(width, height, level))
    const mirrored = preprocess(
      picture(width, height, (x, y, ch) => level(width - 1 - x, height - 1 - y, ch)),
    )
    expect(upright.get(9, 9, 0)).toBeLessThan(upright.get(9, 99, 0))
    expect(upright.get(9, 9, 0)).toBeLessThan(upright.get(99, 9, 0))
    const last = CROP - 1
    for (let row = 0; row < CROP; row++) {
      for (let column = 0; column < CROP; column++) {
        for (let channel = 0; channel < 3; channel++) {
          const there = mirrored.get(last - row, last - column, channel)
          if (upright.get(row, column, channel) !== there) expect.fail(`at [${row}, ${column}, ${channel}]`)
        }
      }
    }
  })

  test('of a panorama only the middle is worked out', () => {
    const x = preprocess(picture(65_535, 1, (column) => (Math.abs(column - 32_767) <= 8 ? 200 : 10)))
    expect(levelOf(x.get(0, 0, 0), 0)).toBe(200)
  })
})

test('the photograph as JPEG resembles its PNG more than any mix-up of it', async () => {
  const [png, jpeg] = await Promise.all(
    ['chelsea.png', 'chelsea-small.jpg'].map(async (name) =>
      preprocess(await decodeImage(`golden/images/${name}`)),
    ),
  )
  const last = CROP - 1
  const likeness = (at: (row: number, column: number, channel: number) => number) => {
    let sum = 0
    for (let i = 0; i < CROP * CROP * 3; i++) {
      sum += png.data[i] * at(Math.floor(i / 3 / CROP), Math.floor(i / 3) % CROP, i % 3)
    }
    return sum
  }
  const right = likeness((r, c, ch) => jpeg.get(r, c, ch))
  expect(right).toBeGreaterThan(likeness((r, c, ch) => jpeg.get(r, last - c, ch)))
  expect(right).toBeGreaterThan(likeness((r, c, ch) => jpeg.get(last - r, c, ch)))
  expect(right).toBeGreaterThan(likeness((r, c, ch) => jpeg.get(c, r, ch)))
  expect(right).toBeGreaterThan(likeness((r, c, ch) => jpeg.get(r, c, 2 - ch)))
})
