const view = new Float64Array(1)
const words = new Uint32Array(view.buffer)

/** A storage format of fewer bits than float32. */
export interface Format {
  readonly name: string
  readonly round: (x: number) => number
}

/** `x` rounded to `digits` binary digits, to nearest even, multiples of `least` below the normal range. */
function nearest(x: number, digits: number, least: number): number {
  if (x === 0 || !Number.isFinite(x)) return x
  view[0] = Math.abs(x)
  const exponent = (words[1] >>> 20) - 1023
  const step = Math.max(2 ** (exponent - digits + 1), least)
  const steps = Math.abs(x) / step
  const down = Math.floor(steps)
  const up = steps - down > 0.5 || (steps - down === 0.5 && down % 2 === 1)
  return Math.sign(x) * (up ? down + 1 : down) * step
}

export const bf16: Format = { name: 'bfloat16', round: (x) => nearest(x, 8, 2 ** -133) }
export const fp16: Format = {
  name: 'float16',
  round: (x) => {
    const rounded = nearest(x, 11, 2 ** -24)
    return Math.abs(rounded) > 65504 ? Math.sign(x) * Infinity : rounded
  },
}
export const tf32: Format = { name: 'TF32', round: (x) => nearest(x, 11, 2 ** -136) }
