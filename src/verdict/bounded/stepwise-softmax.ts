import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { accuracyOf, formatError, relative, SMALLEST_NORMAL, type Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'
import { exponentsOf, logFactor, type Exponents } from './exponents.ts'
import { asOperand } from './flushed.ts'
import { logErrorNear, rowByRow } from './reductions.ts'
import { byLogSumExp, sumsOfOthers, UNKNOWN, type Members } from './softmax.ts'
import { storing } from './storing.ts'

/** The exponentials of a row of logits, each step stored, as multiples of e^−max. */
interface Powers extends Exponents {
  /** H(|z − max|) of the differences, as stored before exp. */
  readonly stored: Float64Array
  /** The largest and smallest that exp may give, stored, but for what the logits inherit. */
  up(at: number, inherited: number): number
  down(at: number, inherited: number): number
}

/**
 * x = ẑ − max is stored, at most A away from 0, so that e^x is off by e^±η, η = u·A + H(A) − log(1 − κ(A + H(A))); it
 * is stored itself, as a share of itself or of the format's subnormals, which weigh most where the maximum found is the
 * highest. Any maximum taken off cancels.
 */
function powersOf(accuracy: Accuracy, z: Float64Array, B: Float64Array): Powers {
  const { profile, u } = accuracy
  const exponents = exponentsOf(accuracy, z, B)
  const { argument, max, highest } = exponents
  const stored = argument.map(storing(accuracy).one)
  const eta = argument.map((most, at) => u * most + stored[at] + logFactor(accuracy.exp(most + stored[at])))
  const least = Math.exp(max - highest)
  const ofPower = (power: number): number =>
    formatError(profile.formats.results, power * least, profile.rounding) / least
  return {
    ...exponents,
    stored,
    up(at, inherited) {
      const power = Math.exp(z[at] - max + inherited + eta[at])
      return power + ofPower(power)
    },
    down(at, inherited) {
      const power = Math.exp(z[at] - max - inherited - eta[at])
      return Math.max(0, power - ofPower(power))
    },
  }
}

/**
 * Bounds of softmax p of logits z written out: x − max, exp, the sum and, where it is multiplied with, its reciprocal,
 * each stored. The exponentials are as in {@link powersOf}, and p has the extremes that these can give, hi_i =
 * up_i/(up_i + Σ_(j≠i) down_j), as in float32 (`softmax.ts`, which has the rest: what is flushed, who takes part, and
 * what e^(z − log Σe^z) adds). To the relative error g come those of storing the sum and the reciprocal.
 */
export function stepwiseSoftmaxBounds(accuracy: Accuracy, z: Bounded, p: Tensor, members?: Members): Tensor {
  const printed = asPrinted(accuracy)
  const inherited = asOperand(z, accuracy.flush)
  const out = new Float64Array(p.size)
  const width = p.shape.at(-1) ?? 1
  for (let start = 0; start < out.length; start += width) {
    const row: number[] = []
    for (let i = start; i < start + width; i++)
      if (members === undefined || members.kept[i] === 1) row.push(i)
    const of = ({ data }: Tensor): Float64Array => Float64Array.from(row, (i) => data[i])
    const isAbsent = Uint8Array.from(row, (i) => members?.ambiguous?.[i] ?? 0)
    boundRow(printed, of(z.v), of(inherited), of(p), isAbsent).forEach((b, at) => (out[row[at]] = b))
  }
  return tensor(out, p.shape)
}

/** @param mayBeAbsent who may as well not take part */
function boundRow(
  accuracy: Accuracy,
  z: Float64Array,
  B: Float64Array,
  p: Float64Array,
  mayBeAbsent: Uint8Array,
): Float64Array {
  const { profile, expFlush, gamma, divide } = accuracy
  const powers = powersOf(accuracy, z, B)
  const up = z.map((_, at) => powers.up(at, B[at]))
  const down = z.map((_, at) => powers.down(at, B[at]))
  const othersUp = sumsOfOthers(up, () => true)
  const othersDown = sumsOfOthers(down, (at) => mayBeAbsent[at] === 0)
  const sumUp = up.reduce((sum, power) => sum + power, 0)
  const sumDown = down.reduce((sum, power, at) => (mayBeAbsent[at] === 1 ? sum : sum + power), 0)
  const isUnknown = B.some((bound, at) => !(bound + powers.stored[at] <= UNKNOWN))
  const H = storing(accuracy).one
  /** Of storing something within [low, high], relative. */
  const share = (low: number, high: number): number => {
    const whole = formatError(profile.formats.results, low, profile.rounding) / low
    return relative(Math.min(whole, H(high) / low))
  }
  // in multiples of e^−m̂, m̂ being the maximum found; where that is not known, between the largest, 1 but for its own errors, and n
  const isOpen = isUnknown || mayBeAbsent.includes(1)
  const low = isOpen ? 0.5 : sumDown * Math.exp(powers.max - powers.highest)
  const high = isOpen ? z.length : sumUp * Math.exp(powers.max - powers.lowest)
  const g = compose(gamma(z.length - 1), divide, share(low, high), share(1 / high, 1 / low))
  const tiny = (expFlush + accuracy.exp(104) * SMALLEST_NORMAL) * (1 + compose(g, accuracy.exp(0)))
  return p.map((value, at) => {
    if (!powers.finite || !(g < Infinity)) return Infinity
    const E = profile.rewrites.logSumExpSoftmax
      ? byLogSumExp(accuracy, powers, z[at], B[at], sumDown, sumUp)
      : 0
    if (!(E <= UNKNOWN)) return Infinity
    const hi = isUnknown ? 1 : up[at] / (up[at] + othersDown[at])
    const lo = isUnknown || mayBeAbsent[at] === 1 ? 0 : down[at] / (down[at] + othersUp[at])
    const most = hi * Math.exp(E) * (1 + g)
    const least = lo * Math.exp(-E) * Math.max(0, 1 - g)
    return Math.max(most - value, value - least) + tiny
  })
}

/**
 * Bounds of log-softmax v_i = z_i − max − L written out. Exponentials are as in {@link powersOf}, whether the
 * difference that v_i is made of was stored as the one in the sum was or not. So v_i is too small by at most
 * B_i + H_i + log(p_i·e^(−B_i + η_i) + Σ_(j≠i) p_j·e^(B_j + η_j)), and what storing the exponentials costs, and too
 * large by the same with the signs turned. Summing, the logarithm and roundings follow as in float32 (`reductions.ts`).
 * What storing the sum and its logarithm costs is in no other result either (`results.ts`). z, logP and the bounds
 * `[.., n]`.
 */
export function stepwiseLogSoftmaxBounds(accuracy: Accuracy, z: Bounded, logP: Tensor): Tensor {
  return rowByRow(asPrinted(accuracy), z, logP, logSoftmaxRow)
}

function logSoftmaxRow(
  accuracy: Accuracy,
  z: Float64Array,
  B: Float64Array,
  logP: Float64Array,
): Float64Array {
  const { u } = accuracy
  const powers = powersOf(accuracy, z, B)
  const { max, lowest, highest, argument, stored, finite } = powers
  const sum = z.reduce((total, value) => total + Math.exp(value - max), 0)
  const up = z.map((_, at) => powers.up(at, B[at]) / sum)
  const down = z.map((_, at) => powers.down(at, B[at]) / sum)
  const [sumUp, sumDown] = [up, down].map((terms) => terms.reduce((all, value) => all + value, 0))
  const summing = logFactor(accuracy.gamma(z.length - 1))
  const spread = Math.max(Math.log(sumUp), -Math.log(sumDown)) + summing
  return logP.map((value, at) => {
    if (!finite || !(spread < Infinity)) return Infinity
    const short = Math.log(Math.max(0, sumUp - up[at]) + powers.up(at, -B[at]) / sum)
    const long = -Math.log(Math.max(0, sumDown - down[at]) + powers.down(at, -B[at]) / sum)
    const L = z[at] - max - value
    const log = logErrorNear(accuracy, L, spread + highest - lowest)
    const carried = B[at] + stored[at] + Math.max(short, long) + summing + log
    const first = u * Math.max(argument[at], Math.abs(max + L) + spread + log)
    return carried + first + u * (Math.abs(value) + carried + first)
  })
}

/** Two passes over the logits, their maximum taken off: what is written out. */
function asPrinted({ profile }: Accuracy): Accuracy {
  return accuracyOf({
    ...profile,
    rewrites: { ...profile.rewrites, unshiftedSoftmax: false, onlineRescales: 0 },
  })
}
