import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QuestionError } from '../errors.ts'
import { decodeImage, MAX_SIDE } from './decode.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-decode-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function saved(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

/** A picture that repeats `pixel`. */
function flat(width: number, height: number, pixel: readonly number[]): Sharp {
  const channels = pixel.length as 1 | 2 | 3 | 4
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => pixel[i % channels])
  return sharp(data, { raw: { width, height, channels } })
}

/** A picture without two like pixels, so that neither a flip nor a swapped colour goes unseen. */
function distinct(width: number, height: number): { image: Sharp; data: Uint8Array } {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256)
  return { image: sharp(data, { raw: { width, height, channels: 3 } }), data }
}

/** A PNG written by hand: what sharp would never write. */
function png(width: number, height: number, before: readonly Buffer[], pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8) // 8 bits, RGB
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...before,
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

describe('what is read', () => {
  test('an RGB PNG, pixel for pixel', async () => {
    const { image, data } = distinct(5, 3)
    const read = await decodeImage(await saved('rgb.png', await image.png().toBuffer()))
    expect(read).toMatchObject({ width: 5, height: 3 })
    expect([...read.data]).toEqual([...data])
  })

  test('a JPEG', async () => {
    // A flat block of middle grey is zero in every coefficient, so even a JPEG keeps it exactly.
    const read = await decodeImage(
      await saved('grey.jpg', await flat(9, 4, [128, 128, 128]).jpeg().toBuffer()),
    )
    expect(read).toMatchObject({ width: 9, height: 4 })
    expect(read.data).toEqual(new Uint8Array(9 * 4 * 3).fill(128))
  })

  test('the photograph as JPEG', async () => {
    const read = await decodeImage('golden/images/chelsea-small.jpg')
    expect(read).toMatchObject({ width: 225, height: 150 })
    expect(read.data).toHaveLength(225 * 150 * 3)
  })

  const grey = (image: Sharp) => image.toColourspace('b-w')
  test.each<[string, () => Sharp, readonly number[]]>([
    ['grey PNG, repeated', () => grey(flat(3, 2, [7])).png(), [7, 7, 7]],
    ['grey JPEG, repeated', () => grey(flat(8, 8, [128])).jpeg(), [128, 128, 128]],
    ['a palette, looked up', () => flat(16, 16, [200, 100, 50]).png({ palette: true }), [200, 100, 50]],
    ['alpha, dropped and not blended', () => flat(3, 2, [10, 20, 30, 0]).png(), [10, 20, 30]],
    ['grey with alpha', () => grey(flat(3, 2, [9, 128])).png(), [9, 9, 9]],
    [
      '16 bits, the upper 8 kept',
      () =>
        sharp(Uint16Array.of(0x12ff, 0x80ff, 0xfe00), { raw: { width: 1, height: 1, channels: 3 } })
          .toColourspace('rgb16')
          .png(),
      [0x12, 0x80, 0xfe],
    ],
    [
      'grey of 16 bits',
      () =>
        sharp(Uint16Array.of(0xabff), { raw: { width: 1, height: 1, channels: 1 } })
          .toColourspace('grey16')
          .png(),
      [0xab, 0xab, 0xab],
    ],
  ])('%s', async (name, image, pixel) => {
    const { data, width, height } = await decodeImage(await saved(`${name}.img`, await image().toBuffer()))
    expect(data).toHaveLength(width * height * 3)
    expect([...new Set(Array.from(data, (level, i) => `${i % 3}: ${level}`))]).toEqual(
      pixel.map((level, channel) => `${channel}: ${level}`),
    )
  })

  test('the EXIF orientation is applied', async () => {
    const { image, data } = distinct(3, 2)
    // 6: turn a quarter clockwise, so the left column, bottom up, becomes the top row.
    const path = await saved('turned.png', await image.withMetadata({ orientation: 6 }).png().toBuffer())
    const read = await decodeImage(path)
    expect(read).toMatchObject({ width: 2, height: 3 })
    expect([...read.data.subarray(0, 6)]).toEqual([...data.subarray(9, 12), ...data.subarray(0, 3)])
  })

  test('an embedded colour profile is ignored', async () => {
    const wide = await flat(1, 1, [1, 2, 3]).withIccProfile('p3').png().toBuffer()
    const { icc } = await sharp(wide).metadata()
    const profile = Buffer.concat([Buffer.from('p3\0\0', 'latin1'), deflateSync(icc ?? Buffer.alloc(0))])
    const path = await saved('p3.png', png(1, 1, [chunk('iCCP', profile)], Uint8Array.of(0, 200, 100, 50)))
    expect((await sharp(path).metadata()).hasProfile).toBe(true)
    expect([...(await decodeImage(path)).data]).toEqual([200, 100, 50])
  })

  test('the longest side that is read', async () => {
    const path = await saved('long.png', await flat(MAX_SIDE, 1, [1, 2, 3]).png().toBuffer())
    expect(await decodeImage(path)).toMatchObject({ width: MAX_SIDE, height: 1 })
  })

  test('sharp keeps no threads and no cache', async () => {
    await decodeImage('golden/images/chelsea-small.jpg')
    expect(sharp.concurrency()).toBe(1)
    expect(sharp.cache()).toMatchObject({ memory: { max: 0 }, files: { max: 0 }, items: { max: 0 } })
  })
})

describe('what is refused, in one line that names the file', () => {
  const photograph = 'golden/images/chelsea-small.jpg'
  const pngBytes = () => distinct(40, 40).image.png().toBuffer()
  const jpegBytes = () => distinct(40, 40).image.jpeg().toBuffer()
  const cut = async (bytes: Promise<Buffer>, keep: (length: number) => number) => {
    const whole = await bytes
    return whole.subarray(0, keep(whole.length))
  }

  const kinds: readonly [string, () => Promise<string>, RegExp][] = [
    [
      'a missing file',
      async () => join(folder, 'none.png'),
      /expected a PNG or JPEG picture, found no such file$/,
    ],
    ['a file taken for a folder', async () => join(photograph, 'x.png'), /found no such file$/],
    ['a directory', async () => folder, /found a directory$/],
    ['an empty file', () => saved('empty.png', ''), /found an empty file$/],
    ['a text', () => saved('text.png', 'not a picture\n'), /found a file of no known picture format$/],
    [
      'random bytes',
      () => saved('bytes', Uint8Array.of(1, 2, 3)),
      /found a file of no known picture format$/,
    ],
    [
      'GIF',
      async () => saved('a.png', await flat(2, 2, [1, 2, 3]).gif().toBuffer()),
      /found GIF \(convert it first\)$/,
    ],
    ['WebP', async () => saved('a.webp', await flat(2, 2, [1, 2, 3]).webp().toBuffer()), /found WebP/],
    ['TIFF', async () => saved('a.tif', await flat(2, 2, [1, 2, 3]).tiff().toBuffer()), /found TIFF/],
    ['AVIF', async () => saved('a.avif', await flat(16, 16, [1, 2, 3]).avif().toBuffer()), /found AVIF/],
    ['SVG', () => saved('a.svg', '\n<svg xmlns="http://www.w3.org/2000/svg"/>'), /found SVG or other XML/],
    ['PDF', () => saved('a.pdf', '%PDF-1.7\n'), /found PDF/],
    [
      'a PNG cut in its header',
      async () => saved('b.png', await cut(pngBytes(), () => 20)),
      /a PNG cut short$/,
    ],
    [
      'a PNG cut in its pixels',
      async () => saved('b.png', await cut(pngBytes(), (n) => n / 2)),
      /a PNG cut short$/,
    ],
    [
      'a PNG without its last byte',
      async () => saved('b.png', await cut(pngBytes(), (n) => n - 1)),
      /a PNG cut short$/,
    ],
    [
      'a PNG of too few pixels',
      () => saved('b.png', png(9, 9, [], new Uint8Array(50))),
      /expected a whole picture, found a PNG that cannot be decoded: \S/,
    ],
    [
      'a JPEG cut in its header',
      async () => saved('b.jpg', await cut(jpegBytes(), () => 60)),
      /a JPEG that cannot .*premature end/,
    ],
    [
      'a JPEG cut in its pixels',
      async () => saved('b.jpg', await cut(jpegBytes(), (n) => n / 2)),
      /a JPEG that cannot .*premature end/,
    ],
    [
      'a JPEG without its last byte',
      async () => saved('b.jpg', await cut(jpegBytes(), (n) => n - 1)),
      /a JPEG that cannot .*premature end/,
    ],
    [
      'a decompression bomb',
      () => saved('bomb.png', png(8192, 8193, [], new Uint8Array(1000))),
      /expected a picture of at most 67108864 pixels, no side over 65535, found 8192 × 8193 \(scale it down first\)$/,
    ],
    [
      'too long a side',
      () => saved('long.png', png(MAX_SIDE + 1, 1, [], new Uint8Array(9))),
      /found 65536 × 1 /,
    ],
    [
      'a PNG without pixels',
      () => saved('none.png', png(0, 5, [], new Uint8Array(9))),
      /a PNG that cannot be decoded/,
    ],
    [
      'CMYK',
      async () => saved('cmyk.jpg', await flat(8, 8, [1, 2, 3]).toColourspace('cmyk').jpeg().toBuffer()),
      /expected RGB or grey, found a JPEG in cmyk \(convert it to RGB first/,
    ],
  ]

  test.each(kinds)('%s', async (_, file, message) => {
    const path = await file()
    const refused = await decodeImage(path).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(QuestionError)
    const error = refused as QuestionError
    expect(error.complaint.file).toBe(path)
    expect(error.message.startsWith(`${path}: expected `)).toBe(true)
    expect(error.message).toMatch(message)
    expect(error.message).not.toMatch(/\n|\\n/)
  })

  test('the largest picture passes the limit, whatever its pixels', async () => {
    const path = await saved('large.png', png(8192, 8192, [], new Uint8Array(1000)))
    await expect(decodeImage(path)).rejects.toThrow(/a PNG that cannot be decoded/)
  })

  test('too large a file', async () => {
    const path = await saved('huge.png', '')
    await truncate(path, 2 ** 28 + 1)
    await expect(decodeImage(path)).rejects.toThrow(
      /expected a picture of at most 268435456 bytes, found 268435457/,
    )
  })

  test.skipIf(process.platform === 'win32')('a device', async () => {
    await expect(decodeImage('/dev/zero')).rejects.toThrow(/found something that is no regular file/)
  })
})
