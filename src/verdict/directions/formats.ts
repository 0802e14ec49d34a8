const view = new Float64Array(1)
const words = new Uint32Array(view.buffer)

/** A storage format of fewer bits than float32. */
export interface Format {
  readonly name: string
  /** As profiles call it. */
  readonly short: 'bf16' | 'fp16' | 'tf32'
  readonly round: (x: number) => number
}

/**
 * `x` rounded to `digits` binary digits, to nearest even, multiples of `least` below the normal range. Numbers of one binary exponent
 * are rounded to multiples of one step, which float64 does by itself to x + 1.5·2⁵²·step, whose last place the step is.
 */
function nearest(digits: number, least: number): (x: number) => number {
  // by the biased exponent of x; far beyond float32 the sum would overflow, and nothing is rounded
  const shifts = Float64Array.from({ length: 2048 }, (_, exponent) => {
    const shift = 1.5 * 2 ** 52 * Math.max(2 ** (exponent - 1023 - digits + 1), least)
    return exponent < 2047 && shift < 2 ** 1023 ? shift : 0
  })
  return (x) => {
    view[0] = x
    const shift = shifts[(words[1] >>> 20) & 2047]
    return x + shift - shift
  }
}

const half = nearest(11, 2 ** -24)

export const bf16: Format = { name: 'bfloat16', short: 'bf16', round: nearest(8, 2 ** -133) }
export const fp16: Format = {
  name: 'float16',
  short: 'fp16',
  round: (x) => {
    const rounded = half(x)
    return Math.abs(rounded) > 65504 ? Math.sign(x) * Infinity : rounded
  },
}
export const tf32: Format = { name: 'TF32', short: 'tf32', round: nearest(11, 2 ** -136) }
