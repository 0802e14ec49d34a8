const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** The bit pattern of `x` rounded to float32: `0x3f800000`. */
export function hexOf(x: number): string {
  float[0] = x
  return `0x${bits[0].toString(16).padStart(8, '0')}`
}

/**
 * The place of `x`, rounded to float32, in the order of all float32 numbers; both zeros are 0, subnormals count like any
 * other, infinities are one step beyond the largest finite number. NaN has no place.
 */
export function orderedIndex(x: number): number {
  if (Number.isNaN(x)) return NaN
  float[0] = x
  const magnitude = bits[0] & 0x7fffffff
  return bits[0] >>> 31 === 0 ? magnitude : magnitude === 0 ? 0 : -magnitude
}

/** How many float32 numbers apart two numbers are, each rounded to float32 first; 0 for two NaN, NaN for one. */
export function ulpDistance(a: number, b: number): number {
  if (Number.isNaN(a) && Number.isNaN(b)) return 0
  return Math.abs(orderedIndex(a) - orderedIndex(b))
}
