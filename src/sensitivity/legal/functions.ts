import erfc from '@stdlib/math-base-special-erfc'

const f = Math.fround

/** The distance between neighbouring float32 numbers at `x`. */
export function ulp(x: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23)
}

/** `exact` moved by `ulps` units in the last place, then rounded; the rounding is part of what was allowed. */
export function off(exact: number, ulps: number): number {
  if (exact === 0 || !Number.isFinite(exact)) return f(exact)
  // half a unit is kept for the rounding to float32 itself
  const most = Math.max(0, Math.abs(ulps) - 0.5)
  return f(exact + Math.sign(ulps) * most * ulp(exact))
}

/** A number in [−1, 1) that depends on the bits of `x` alone: an error that looks random and is the same every time. */
export function scatter(x: number): number {
  bits.setFloat32(0, x)
  let word = bits.getUint32(0)
  word = Math.imul(word ^ (word >>> 16), 0x45d9f3b)
  word = Math.imul(word ^ (word >>> 16), 0x45d9f3b)
  return ((word ^ (word >>> 16)) >>> 0) / 2 ** 31 - 1
}
const bits = new DataView(new ArrayBuffer(4))

/** What WGSL allows exp: 3 + 2|x| units in the last place. */
export const expAllowance = (x: number): number => 3 + 2 * Math.abs(x)

/** exp by way of 2^(x·log₂e): the product is rounded, which costs |x| times as much as it does at 1. */
export const expByPowersOfTwo = (x: number): number => f(2 ** f(x * f(Math.LOG2E)))

/** Abramowitz and Stegun 7.1.26, every step in float32: absolute error 2.6e-7 with the roundings. */
export function erfByPolynomial(x: number, exp: (x: number) => number): number {
  const z = Math.abs(x)
  const t = f(1 / f(1 + f(f(0.3275911) * z)))
  let polynomial = f(1.061405429)
  for (const a of [-1.453152027, 1.421413741, -0.284496736, 0.254829592])
    polynomial = f(f(polynomial * t) + f(a))
  const value = f(1 - f(f(polynomial * t) * exp(f(-f(z * z)))))
  return x < 0 ? -value : value
}

/** erf as a good library gives it. */
export const erf = (x: number): number => f(1 - erfc(x))

/** Φ(x) by erfc, which keeps its digits in the tail. */
export const normalByErfc = (x: number): number => f(0.5 * erfc(-x * Math.SQRT1_2))
