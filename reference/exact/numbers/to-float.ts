import type { BigNumber } from './big-number.ts'

/** A binary floating-point format of IEEE 754. */
export interface FloatFormat {
  readonly name: 'float32' | 'float64'
  /** Bits of the significand, the leading one included. */
  readonly bits: number
  /** Exponent of the smallest subnormal: every finite number is a multiple of 2^lowest. */
  readonly lowest: number
  /** Numbers below 2^highest in magnitude are finite. */
  readonly highest: number
}

export const FLOAT32: FloatFormat = { name: 'float32', bits: 24, lowest: -149, highest: 128 }
export const FLOAT64: FloatFormat = { name: 'float64', bits: 53, lowest: -1074, highest: 1024 }

/** No float of either format lies beyond 10^±400, so no power of ten larger than that is ever formed. */
const FAR = 400

/**
 * The float nearest to x, ties to the even significand (IEEE 754 roundTiesToEven), straight from the decimal digits:
 * rounded once, subnormals included, to ±∞ from half a step above the largest finite number on. A negative x that
 * rounds to zero gives −0; NaN and infinities stay.
 */
export function toFloat(x: BigNumber, { bits, lowest, highest }: FloatFormat): number {
  if (!x.isFinite()) return x.toNumber()
  const sign = x.s
  if (x.isZero() || x.e < -FAR) return sign < 0 ? -0 : 0
  if (x.e > FAR) return sign * Infinity

  const [numerator, denominator] = ratio(x)
  let exponent = Math.max(floorLog2(numerator, denominator) - (bits - 1), lowest)
  let significand = nearest(numerator, denominator, exponent)
  if (bitLength(significand) > bits) {
    significand >>= 1n // a power of two now, so nothing is lost
    exponent += 1
  }
  if (bitLength(significand) + exponent > highest) return sign * Infinity
  return sign * scaled(significand, exponent)
}

/** |x| as a fraction of whole numbers. */
function ratio(x: BigNumber): [bigint, bigint] {
  const [digits, power] = x.abs().toExponential().split('e')
  const [whole, fraction = ''] = digits.split('.')
  const exponent = Number(power) - fraction.length
  const coefficient = BigInt(whole + fraction)
  return exponent >= 0 ? [coefficient * 10n ** BigInt(exponent), 1n] : [coefficient, 10n ** BigInt(-exponent)]
}

/** a/b in units of 2^exponent, rounded to the nearest whole number, ties to even. */
function nearest(a: bigint, b: bigint, exponent: number): bigint {
  const numerator = exponent < 0 ? a << BigInt(-exponent) : a
  const denominator = exponent < 0 ? b : b << BigInt(exponent)
  const quotient = numerator / denominator
  const twice = 2n * (numerator - quotient * denominator)
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n)
  return up ? quotient + 1n : quotient
}

/** ⌊log₂(a/b)⌋. */
function floorLog2(a: bigint, b: bigint): number {
  const guess = bitLength(a) - bitLength(b)
  const reached = guess >= 0 ? a >= b << BigInt(guess) : a << BigInt(-guess) >= b
  return reached ? guess : guess - 1
}

function bitLength(x: bigint): number {
  if (x === 0n) return 0
  const hex = x.toString(16)
  return 4 * (hex.length - 1) + (32 - Math.clz32(Number.parseInt(hex[0], 16)))
}

/** significand · 2^exponent, which is a float64: two factors, since 2^exponent alone need not be one. */
function scaled(significand: bigint, exponent: number): number {
  const half = Math.trunc(exponent / 2)
  return Number(significand) * 2 ** half * 2 ** (exponent - half)
}
