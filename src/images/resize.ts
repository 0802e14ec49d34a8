import type { DecodedImage } from './decode.ts'

/** The part of a resized picture that is wanted: a square. */
export interface Crop {
  readonly left: number
  readonly top: number
  readonly side: number
}

/** One resized sample: a weighted sum of the samples from `start` on, the weights in units of 2⁻²². */
interface Taps {
  readonly start: number
  readonly weights: Int32Array
}

/** Samples of three bytes: `lines` of them, where a line starts every `line` bytes, and a sample every `sample`. */
interface Layout {
  readonly data: Uint8Array
  readonly line: number
  readonly sample: number
}

const FRACTION_BITS = 22

/**
 * Resizes to `newWidth` × `newHeight` by cubic convolution and cuts `crop` out; only what the crop needs is computed.
 * → `[side, side, 3]`.
 *
 * Keys, "Cubic convolution interpolation for digital image processing" (1981), a = −1/2, the kernel widened by the
 * ratio when shrinking, so that nothing aliases; taps outside the picture are left out and the others rescaled to sum
 * to one. Columns first, then rows, 8 bits between: bit for bit what Pillow's `resize(…, BICUBIC)` gives, which DeiT
 * was evaluated with. It is not sharp's resize, which enlarges half a pixel off centre and gives other bits on other
 * processors.
 */
export function resizeAndCrop(
  image: DecodedImage,
  newWidth: number,
  newHeight: number,
  crop: Crop,
): Uint8Array {
  const { width, height, data } = image
  const { left, top, side } = crop
  const columns = tapsOf(width, newWidth, left, side)
  const rows = tapsOf(height, newHeight, top, side)
  const last = rows[side - 1]
  const [firstRow, endRow] = [rows[0].start, last.start + last.weights.length]

  const narrow = new Uint8Array((endRow - firstRow) * side * 3)
  const source = data.subarray(firstRow * width * 3)
  resample(
    columns,
    endRow - firstRow,
    { data: source, line: width * 3, sample: 3 },
    { data: narrow, line: side * 3, sample: 3 },
  )
  const out = new Uint8Array(side * side * 3)
  resample(
    rows.map(({ start, weights }) => ({ start: start - firstRow, weights })),
    side,
    { data: narrow, line: 3, sample: side * 3 },
    { data: out, line: 3, sample: side * 3 },
  )
  return out
}

/** The taps of resized samples `first` to `first + count − 1`, where `extent` samples become `newExtent`. */
function tapsOf(extent: number, newExtent: number, first: number, count: number): Taps[] {
  const ratio = extent / newExtent
  const widening = Math.max(ratio, 1)
  const support = 2 * widening
  return Array.from({ length: count }, (_, i) => {
    // Sample x covers [x, x + 1), so its middle is x + 1/2 on both sides.
    const centre = (first + i + 0.5) * ratio
    const start = Math.max(0, Math.trunc(centre - support + 0.5))
    const end = Math.min(extent, Math.trunc(centre + support + 0.5))
    const shares = Array.from({ length: end - start }, (_one, j) =>
      cubic((start + j - centre + 0.5) / widening),
    )
    const total = shares.reduce((sum, share) => sum + share, 0)
    return { start, weights: Int32Array.from(shares, (share) => toFixed(share / total)) }
  })
}

/** Keys's kernel at a = −1/2. */
function cubic(x: number): number {
  const d = Math.abs(x)
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1
  if (d < 2) return -0.5 * (((d - 5) * d + 8) * d - 4)
  return 0
}

/** To units of 2⁻²², halves away from zero. */
function toFixed(share: number): number {
  return Math.trunc(share * 2 ** FRACTION_BITS + Math.sign(share) * 0.5)
}

/** One axis of the resize. A sum is below 2³¹: the weights' sizes add up to less than 1.5, times 255·2²². */
function resample(taps: readonly Taps[], lines: number, from: Layout, to: Layout): void {
  const half = 2 ** (FRACTION_BITS - 1)
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < taps.length; i++) {
      const { start, weights } = taps[i]
      const source = line * from.line + start * from.sample
      for (let channel = 0; channel < 3; channel++) {
        let sum = half
        for (let j = 0; j < weights.length; j++)
          sum += weights[j] * from.data[source + j * from.sample + channel]
        to.data[line * to.line + i * to.sample + channel] = Math.min(255, Math.max(0, sum >> FRACTION_BITS))
      }
    }
  }
}
