import { readFile, stat } from 'node:fs/promises'
import type sharp from 'sharp'
import { QuestionError } from '../errors.ts'

/** A picture of 8-bit RGB. */
export interface DecodedImage {
  readonly width: number
  readonly height: number
  /** `[height, width, 3]`, row-major. */
  readonly data: Uint8Array
}

/** The largest picture that is decoded, 8192 × 8192: a few bytes of PNG can unpack to gigabytes. */
const MAX_PIXELS = 2 ** 26
/** The longest side: what a JPEG can hold. */
export const MAX_SIDE = 65_535
const MAX_BYTES = 2 ** 28

/** What the first bytes, in hexadecimal, say a file is, so that nothing but PNG and JPEG reaches a decoder. */
const SIGNATURES: readonly (readonly [format: string, signature: RegExp])[] = [
  ['PNG', /^89504e470d0a1a0a/],
  ['JPEG', /^ffd8ff/],
  ['GIF', /^474946383[79]61/],
  ['WebP', /^52494646.{8}57454250/],
  ['TIFF', /^(4949(2a|2b)00|4d4d00(2a|2b))/],
  ['AVIF', /^.{8}66747970617669/],
  ['HEIC', /^.{8}66747970(6865|6d696631|6d736631)/],
  ['BMP', /^424d.{8}00000000/],
  ['JPEG XL', /^(ff0a|0000000c4a584c20)/],
  ['JPEG 2000', /^(ff4fff51|0000000c6a502020)/],
  ['PDF', /^255044462d/],
  ['SVG or other XML', /^(efbbbf)?(09|0a|0d|20)*3c(3f786d6c|737667|21444f4354595045)/],
]

/** libvips's names for RGB and grey, 8 and 16 bits a sample. */
const COLOURS: readonly string[] = ['srgb', 'rgb16', 'b-w', 'grey16']

/**
 * Reads a PNG or JPEG as 8-bit RGB.
 *
 * As in torchvision's loader (Pillow's `convert('RGB')`) the stored numbers are taken: grey is repeated, a palette
 * looked up, alpha dropped (the colour under it stays, nothing is blended), an embedded colour profile ignored. Of 16
 * bits the upper 8 are kept. One departure: the EXIF orientation is applied, so that a photograph stands upright.
 *
 * @throws QuestionError naming `path` when it is missing, unreadable, not a regular file, too large, not a PNG or
 * JPEG, damaged or cut short, or holds colours other than RGB and grey
 */
export async function decodeImage(path: string): Promise<DecodedImage> {
  const bytes = await readBytes(path)
  const format = formatOf(bytes)
  if (format !== 'PNG' && format !== 'JPEG') {
    if (bytes.length === 0) throw refusal(path, 'an empty file')
    const hint = format && 'convert it first'
    throw refusal(path, format ?? 'a file of no known picture format', hint ? { hint } : {})
  }
  if (format === 'PNG' && !reachesEnd(bytes)) {
    throw refusal(path, 'a PNG cut short', { expected: 'a whole picture' })
  }

  const read = await loadSharp()
  try {
    // The header alone, without sharp's own limit, whose message would not say the size.
    const { width, height, space } = await read(bytes, { limitInputPixels: false }).metadata()
    if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
      throw refusal(path, `${width} × ${height}`, {
        expected: `a picture of at most ${MAX_PIXELS} pixels, no side over ${MAX_SIDE}`,
        hint: 'scale it down first',
      })
    }
    if (!COLOURS.includes(space)) {
      throw refusal(path, `a ${format} in ${space}`, {
        expected: 'RGB or grey',
        hint: 'convert it to RGB first, since the numbers depend on how',
      })
    }
    const options = { autoOrient: true, ignoreIcc: true, limitInputPixels: MAX_PIXELS }
    const { data, info } = await read(bytes, options)
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    }
  } catch (cause) {
    if (cause instanceof QuestionError) throw cause
    const found = `a ${format} that cannot be decoded: ${summarise(cause)}`
    throw refusal(path, found, { expected: 'a whole picture', cause })
  }
}

/**
 * sharp, loaded when the first picture is read, because it is native and most commands never touch one. One thread and
 * no cache: a picture is read once, and nothing of it should outlive its tensor.
 */
async function loadSharp(): Promise<typeof sharp> {
  const { default: loaded } = await import('sharp')
  loaded.concurrency(1)
  loaded.cache(false)
  return loaded
}

interface Details {
  readonly expected?: string
  readonly hint?: string
  readonly cause?: unknown
}

function refusal(file: string, found: string, details: Details = {}): QuestionError {
  const { expected = 'a PNG or JPEG picture', hint, cause } = details
  return new QuestionError({ file, expected, found, ...(hint && { hint }) }, { cause })
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) throw refusal(path, 'a directory')
    // A pipe or a device could keep us waiting for ever.
    if (!stats.isFile()) throw refusal(path, 'something that is no regular file')
    if (stats.size > MAX_BYTES) {
      throw refusal(path, `${stats.size} bytes`, { expected: `a picture of at most ${MAX_BYTES} bytes` })
    }
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof QuestionError) throw cause
    const found = isMissing(cause) ? 'no such file' : `a file that cannot be read: ${summarise(cause)}`
    throw refusal(path, found, { cause })
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
}

function formatOf(bytes: Buffer): string | undefined {
  const head = bytes.toString('hex', 0, 64)
  return SIGNATURES.find(([, signature]) => signature.test(head))?.[0]
}

const IEND = 0x49454e44

/** Whether the chunks of a PNG (length, name, data, checksum) lead to IEND; libpng does not miss it. */
function reachesEnd(png: Buffer): boolean {
  for (let at = 8; at + 12 <= png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.readUInt32BE(at + 4) === IEND) return true
  }
  return false
}

/** libvips says things several times, a line each. */
function summarise(cause: unknown): string {
  const lines = (cause instanceof Error ? cause.message : String(cause)).split('\n')
  return [...new Set(lines.map((line) => line.trim().replace(/:$/, '')))].join('; ')
}
