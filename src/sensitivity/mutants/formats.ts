/** Rounding of a real number to a format, to nearest, as seen in float64. */
export type Format = (x: number) => number

/** A significand of `bits` bits, the leading one among them, any exponent: Veltkamp's splitting. */
const significand = (bits: number): Format => {
  const factor = 2 ** (53 - bits) + 1
  return (x) => {
    const stretched = x * factor
    return Number.isFinite(stretched) ? stretched - (stretched - x) : x
  }
}

export const bf16: Format = significand(8)
export const tf32: Format = significand(11)
export const bits20: Format = significand(20)

const half = significand(11)
/** Added and taken off again, it leaves multiples of 2⁻²⁴, fp16's subnormals. */
const SUBNORMAL = 1.5 * 2 ** 28

export const fp16: Format = (x) => {
  const rounded = Math.abs(x) < 2 ** -14 ? x + SUBNORMAL - SUBNORMAL : half(x)
  return Math.abs(rounded) > 65504 ? Math.sign(x) * Infinity : rounded
}

const word = new DataView(new ArrayBuffer(4))

/** float32, cut off toward zero. */
export const towardZero: Format = (x) => {
  const nearest = Math.fround(x)
  if (Math.abs(nearest) <= Math.abs(x) || !Number.isFinite(x)) return nearest
  word.setFloat32(0, nearest)
  word.setUint32(0, word.getUint32(0) - 1)
  return word.getFloat32(0)
}
