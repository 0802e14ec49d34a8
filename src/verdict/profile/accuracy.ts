import { formatLimits, type Format, type Profile } from './profile.ts'

/** 1 ULP of float32 is at most this share of the value. */
const ULP: number = 2 ** -23
/** F: the smallest normal float32, and more than flushing a subnormal may cost. */
export const SMALLEST_NORMAL: number = 2 ** -126
/** The largest float32. */
export const LARGEST: number = 3.4028234663852886e38

/**
 * What a profile means in numbers: largest relative errors e, unless said otherwise. Of a result v that is subnormal they are
 * e·2⁻¹²⁶ absolutely, as the float32 numbers there are 2⁻¹⁴⁹ apart: e·max(|v|, 2⁻¹²⁶) in all. Sums there are exact.
 */
export interface Accuracy {
  readonly profile: Profile
  /** u: of one + − × or rounding. */
  readonly u: number
  /** γ_n = n·u/(1 − n·u) ≥ |Π(1 + δ_i)^±1 − 1|, |δ_i| ≤ u: of n roundings in a row; infinite where they may lose everything. */
  gamma(n: number): number
  /** F, below which an operand or a result may be taken as 0; 0 where subnormals are kept. */
  readonly flush: number
  /**
   * 2F: below it exp may give 0, where subnormals may be flushed at all. Libraries cut off a little above the last
   * normal number, so that no subnormal comes about on the way: Eigen's, in TensorFlow 2.21, at 2⁻¹²⁵.
   */
  readonly expFlush: number
  /** Of exp at an argument of magnitude up to `x`. */
  exp(x: number): number
  /** Absolute, of log at `y`. */
  log(y: number): number
  /** Of a division, also as a product with the rounded reciprocal. */
  readonly divide: number
  /** Of 1/√x in one operation, or as a division by a root that is itself made of it. */
  readonly inverseSqrt: number
  /** Absolute, of erf. */
  readonly erf: number
  /** Of a constant such as 1/√d computed on the device. */
  readonly constant: number
  /** Of a constant k, or a division by 1/k, where k is rounded to the format of results. */
  narrowConstant(k: number): number
}

/**
 * Reads a profile as numbers. An ULP may be that of the exact result or of the one found, so n of them are a relative error of
 * at most e/(1 − e), e = n·2⁻²³: `relative`. A product of factors (1 + e_i)^±1 is within 1 ± Σe_i/(1 − Σe_i), as γ is.
 */
export function accuracyOf(profile: Profile): Accuracy {
  const { functions, flushSubnormals, formats } = profile
  const u = profile.rounding === 'nearest' ? 2 ** -24 : 2 ** -23
  const division = functions.divide.ulp * ULP
  const root = functions.inverseSqrt.ulp * ULP
  // one inverseSqrt, or a correctly rounded √d and a division; then rounded, as by a product with another constant
  const constant = relative(Math.max(root, division + u) + u)
  return {
    profile,
    u,
    gamma: (n) => relative(n * u),
    flush: flushSubnormals ? SMALLEST_NORMAL : 0,
    expFlush: flushSubnormals ? 2 * SMALLEST_NORMAL : 0,
    exp: (x) => relative((functions.exp.ulp + functions.exp.ulpPerUnit * x) * ULP),
    log: (y) => {
      const error = relative(functions.log.ulp * ULP) * Math.abs(Math.log(y))
      return y > 0.499 && y < 2.001 ? Math.max(functions.log.nearOne, error) : error
    },
    // the reciprocal, and a product
    divide: relative(division + u),
    // √x may be 1/inverseSqrt(x), and its reciprocal another division: 14u of the default profile
    inverseSqrt: relative(root + 2 * division),
    erf: functions.erf.absolute,
    constant,
    narrowConstant(k) {
      const error = (x: number): number => stepError(formats.results, x, 0, profile.rounding) / Math.abs(x)
      const divisor = k === 0 ? 0 : error(1 / k)
      const rounded = k === 0 ? 0 : Math.max(error(k), divisor < Infinity ? divisor : 0)
      // what is rounded is off already
      return rounded === 0 ? 0 : relative(rounded + constant)
    },
  }
}

/** e/(1 − e): what an error of a share e of the result found is, at most, of the exact one. */
export function relative(error: number): number {
  return error < 1 ? error / (1 - error) : Infinity
}

/**
 * Largest error of rounding `x` to a format: relative beside absolute; infinite beyond its range. Formats narrower than float32
 * keep their own subnormals in every profile.
 */
export function formatError(format: Format, x: number, rounding: Profile['rounding'] = 'nearest'): number {
  if (format === 'float32' || x === 0) return 0
  const { unit, least, step, largest } = formatLimits[format]
  const magnitude = Math.abs(x)
  if (!(magnitude <= largest)) return Infinity
  const nearest = Math.max(unit * magnitude, magnitude < least ? step / 2 : 0)
  return rounding === 'nearest' ? nearest : 2 * nearest
}

/**
 * Largest error of rounding what lies within v ± b to a format: half the distance of its numbers at |v| + b; of a v
 * that is known, b = 0, its own distance to the nearest of them. Infinite beyond the format's range.
 */
export function stepError(
  format: Format,
  v: number,
  b: number,
  rounding: Profile['rounding'] = 'nearest',
): number {
  const magnitude = Math.abs(v) + b
  if (format === 'float32' || magnitude === 0) return 0
  if (!(magnitude <= formatLimits[format].largest)) return Infinity
  const step = stepAt(format, magnitude)
  if (b > 0) return rounding === 'nearest' ? step / 2 : step
  const off = Math.abs(v - Math.round(v / step) * step)
  return off === 0 || rounding === 'nearest' ? off : step - off
}

/**
 * Variance of rounding x to a format: half its unit of x, and below its normal numbers step²/12, that of an error
 * anywhere within half a step.
 */
export function formatVariance(format: Format, x: number): number {
  if (format === 'float32' || x === 0) return 0
  const { unit, least, step } = formatLimits[format]
  return ((unit / 2) * x) ** 2 + (Math.abs(x) < least ? step ** 2 / 12 : 0)
}

/** The distance between neighbouring numbers of a format at a magnitude in its range. */
export function stepAt(format: Format, magnitude: number): number {
  const { unit, step } = formatLimits[format]
  return Math.max(step, 2 * unit * 2 ** Math.floor(Math.log2(magnitude)))
}
