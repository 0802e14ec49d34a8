import type { Accuracy } from '../profile/accuracy.ts'

/** |logits| up to which a softmax may do without taking off the maximum: e^±64 is far from either end of float32. */
const UNSHIFTED = 64

/** How far the exponentials of a row of logits may be off. Arrays go along the row. */
export interface Exponents {
  /** max z in truth, and the interval that the maximum found lies in. */
  readonly max: number
  readonly lowest: number
  readonly highest: number
  /** Whether the maximum may be left out. */
  readonly unshifted: boolean
  /** The largest |ẑ − max|. */
  readonly argument: Float64Array
  /** B: ẑ is within z ± B, so that all that is made of it has a common factor within e^±B. */
  readonly inherited: Float64Array
  /** η: computing e^(ẑ − max) adds a factor within e^±η. */
  readonly own: Float64Array
  /** η and the rescalings of an online softmax; η itself for an entry that surely stays the largest. */
  readonly rescaled: Float64Array
  /** Whether nothing of this is infinite. */
  readonly finite: boolean
}

/**
 * The exponentials of logits z ± B of a row. Any maximum taken off cancels; it is at least ẑ_i, so that the argument is at most
 * A = max(z + B) − z_i + B_i, rounded once, and η = u·A − log(1 − κ(A)), κ being exp's relative error; or, not shifted,
 * −log(1 − κ(|z_i| + B_i)).
 *
 * Online, e^(ẑ − m) of the maximum m so far is rescaled by e^(m − m′) whenever that rises. All arguments are negative and add up to
 * ẑ − max, so what in κ and in rounding grows with them stays the same, and every rescaling adds κ(0). An entry is rescaled only
 * when another comes that is not less.
 */
export function exponentsOf(accuracy: Accuracy, z: ArrayLike<number>, inherited: Float64Array): Exponents {
  const { u, profile } = accuracy
  const { unshiftedSoftmax, onlineRescales } = profile.rewrites
  let max = -Infinity
  let lowest = -Infinity
  let highest = -Infinity
  let second = -Infinity
  let least = 0
  for (let i = 0; i < z.length; i++) {
    const value = z[i]
    const low = value - inherited[i]
    const high = value + inherited[i]
    max = Math.max(max, value)
    lowest = Math.max(lowest, low)
    second = Math.max(second, Math.min(highest, high))
    highest = Math.max(highest, high)
    least = Math.max(least, Math.abs(value) - inherited[i])
  }
  const unshifted = unshiftedSoftmax && least <= UNSHIFTED
  const rescaling = onlineRescales * accuracy.exp(0)
  const argument = new Float64Array(z.length)
  const own = new Float64Array(z.length)
  const rescaled = new Float64Array(z.length)
  let finite = true
  for (let i = 0; i < z.length; i++) {
    const value = z[i]
    const most = highest - value + inherited[i]
    const plain = unshifted ? logFactor(accuracy.exp(Math.min(UNSHIFTED, Math.abs(value) + inherited[i]))) : 0
    const others = value + inherited[i] === highest ? second : highest
    const more = others >= value - inherited[i] ? rescaling : 0
    argument[i] = most
    const shift = u * most
    const kappa = accuracy.exp(most)
    own[i] = Math.max(plain, shift + logFactor(kappa))
    rescaled[i] = more === 0 ? own[i] : Math.max(plain, shift + logFactor(kappa + more))
    finite &&= inherited[i] < Infinity
  }
  return { max, lowest, highest, unshifted, argument, inherited, own, rescaled, finite }
}

/** δ of a factor within 1 ± e, as e^±δ: of several such factors, at most that of the sum of their e. */
export function logFactor(e: number): number {
  return e < 1 ? -Math.log1p(-e) : Infinity
}
