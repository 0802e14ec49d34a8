import { tensor, type Tensor } from '../../../reference/tensor.ts'

/** A storage format of fewer bits than float32. */
export interface Format {
  readonly name: string
  /** As profiles call it. */
  readonly short: 'bf16' | 'fp16' | 'tf32'
  /** `x` rounded to nearest, ties to even. */
  readonly round: (x: number) => number
  /** The same of every element. */
  readonly roundAll: (x: Tensor) => Tensor
}

/**
 * Numbers of `digits` binary digits, multiples of `least` below the normal range, infinite beyond `largest`. Numbers of one binary exponent
 * are rounded to multiples of one step, which float64 does by itself to x + 1.5·2⁵²·step, whose last place the step is.
 */
function format(
  name: string,
  short: Format['short'],
  { digits, least, largest = Infinity }: { digits: number; least: number; largest?: number },
): Format {
  // by the biased exponent of x; far beyond float32 the sum would overflow, and nothing is rounded
  const shifts = Float64Array.from({ length: 2048 }, (_, exponent) => {
    const shift = 1.5 * 2 ** 52 * Math.max(2 ** (exponent - 1023 - digits + 1), least)
    return exponent < 2047 && shift < 2 ** 1023 ? shift : 0
  })
  /** @param high the upper half of the bits of x */
  const rounded = (x: number, high: number): number => {
    const shift = shifts[(high >>> 20) & 2047]
    const y = x + shift - shift
    return Math.abs(y) > largest ? Math.sign(y) * Infinity : y
  }
  const one = new Float64Array(1)
  const halves = new Uint32Array(one.buffer)
  return {
    name,
    short,
    round: (x) => {
      one[0] = x
      return rounded(x, halves[1])
    },
    roundAll: ({ data, shape }) => {
      const all = new Float64Array(data)
      const words = new Uint32Array(all.buffer)
      for (let i = 0; i < all.length; i++) all[i] = rounded(all[i], words[2 * i + 1])
      return tensor(all, shape)
    },
  }
}

/** Eight significant bits, the exponents of float32. */
export const bf16: Format = format('bfloat16', 'bf16', { digits: 8, least: 2 ** -133 })
/** IEEE binary16: eleven significant bits, infinite beyond 65504. */
export const fp16: Format = format('float16', 'fp16', { digits: 11, least: 2 ** -24, largest: 65504 })
/** Eleven significant bits, the exponents of float32. */
export const tf32: Format = format('TF32', 'tf32', { digits: 11, least: 2 ** -136 })
