import { formatLimits, type Format, type Profile } from './profile.ts'

/** 1 ULP of float32 is at most this share of the value. */
export const ULP: number = 2 ** -23
/** The smallest normal float32: what flushing a subnormal may cost. */
export const SMALLEST_NORMAL: number = 2 ** -126
/** The largest float32. */
export const LARGEST: number = 3.4028234663852886e38

/** What a profile means in numbers: largest relative errors, unless said otherwise. */
export interface Accuracy {
  readonly profile: Profile
  /** u: of one + − × or rounding. */
  readonly u: number
  /** γ_n = n·u/(1 − n·u): of n roundings in a row; infinite where they may lose everything. */
  gamma(n: number): number
  /** F, or 0 where subnormals are kept: the absolute error of one result or operand beside its relative one. */
  readonly flush: number
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
}

/** Reads a profile as numbers. */
export function accuracyOf(profile: Profile): Accuracy {
  const { functions, flushSubnormals } = profile
  const u = profile.rounding === 'nearest' ? 2 ** -24 : 2 ** -23
  const division = functions.divide.ulp * ULP
  const root = functions.inverseSqrt.ulp * ULP
  return {
    profile,
    u,
    gamma: (n) => (n * u < 1 ? (n * u) / (1 - n * u) : Infinity),
    flush: flushSubnormals ? SMALLEST_NORMAL : 0,
    exp: (x) => (functions.exp.ulp + functions.exp.ulpPerUnit * x) * ULP,
    log: (y) => {
      const relative = functions.log.ulp * ULP * Math.abs(Math.log(y))
      return y > 0.499 && y < 2.001 ? Math.max(functions.log.nearOne, relative) : relative
    },
    divide: division + u,
    // √x may be 1/inverseSqrt(x), and its reciprocal another division: 14u of the default profile
    inverseSqrt: (root + 2 * division) * (1 + ULP),
    erf: functions.erf.absolute,
    // one inverseSqrt, or a correctly rounded √d and a division; then rounded
    constant: Math.max(root, division + u) + u,
  }
}

/** Largest error of rounding `x` to a format: relative beside absolute; infinite beyond its range. */
export function formatError(format: Format, x: number): number {
  if (format === 'float32') return 0
  const { unit, least, step, largest } = formatLimits[format]
  const magnitude = Math.abs(x)
  if (magnitude > largest) return Infinity
  return Math.max(unit * magnitude, magnitude < least ? step / 2 : 0)
}
