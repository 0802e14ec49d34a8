import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { formatError, SMALLEST_NORMAL, stepError, type Accuracy } from '../profile/accuracy.ts'
import type { Profile } from '../profile/profile.ts'
import { compose, type Bounded } from './bounded.ts'
import { exponentsOf, logFactor, type Exponents } from './exponents.ts'
import { asOperand } from './flushed.ts'

/** Beyond this an exponent's error says nothing any more, and a probability is anything between 0 and 1. */
export const UNKNOWN = 300

/** Beyond this, e^2δ is so much that what is left of a row's sum without its largest term may be nothing but float64's rounding. */
const WIDE = 8

/** Who takes part in a row's softmax. */
export interface Members {
  /** May take part. */
  readonly kept: Uint8Array
  /** May as well not. */
  readonly ambiguous?: Uint8Array | undefined
}

/**
 * Bounds of softmax p of logits z along the last axis, over the entries that are kept.
 *
 * Every exponential is right up to a factor e^±δ, δ = B + η (`exponents.ts`), and extremes of p are attained:
 * hi_i = p_i·e^δ_i/(p_i·e^δ_i + Σ_(j≠i) p_j·e^−δ_j), lo_i with signs flipped. With the rescalings of an online softmax in δ this is
 * one whose numerators are rescaled with the sum (as in flash attention, whose P·V then inherits p's bounds). Where the
 * numerators are computed anew, they have no rescaling, and only B_i is common to numerator and sum: the larger of both is taken.
 *
 * The n − 1 additions, the rescalings' products (of the sum and of a numerator), and the division are off by a factor 1
 * ± g, g = γ_(n − 1 + 2·rescales) ∘ division; and 2F is lost where an exponential, which is at most 1 in a sum of at
 * least 1, is taken as 0, F where p itself is flushed, not both; what is flushed in the sum is nothing beside it. An
 * entry that may or may not take part is absent from the others' hi and present in their lo; its own lo is 0.
 *
 * As e^(z_i − l̂), l̂ ≈ log Σe^z, where a profile lists that: what l̂ inherits of the exponentials is in hi and lo
 * already, and a factor e^±E comes on top (`byLogSumExp`).
 *
 * z, p and the bounds `[.., n]`, rows along the last axis; `members` a byte for each entry.
 */
export function softmaxBounds(accuracy: Accuracy, z: Bounded, p: Tensor, members?: Members): Tensor {
  const out = new Float64Array(p.size)
  const width = p.shape.at(-1) ?? 1
  const inherited = asOperand(z, accuracy.flush)
  const row = new Int32Array(width)
  for (let start = 0; start < p.size; start += width) {
    let held = 0
    for (let i = start; i < start + width; i++)
      if (members === undefined || members.kept[i] === 1) row[held++] = i
    if (held > 0) boundRow(accuracy, out, z.v, inherited, p, row.subarray(0, held), members?.ambiguous)
  }
  return tensor(out, p.shape)
}

function boundRow(
  accuracy: Accuracy,
  out: Float64Array,
  z: Tensor,
  bounds: Tensor,
  p: Tensor,
  row: Int32Array,
  ambiguous?: Uint8Array,
): void {
  const { expFlush, profile } = accuracy
  const n = row.length
  const logits = new Float64Array(n)
  const ofLogits = new Float64Array(n)
  for (let at = 0; at < n; at++) {
    logits[at] = z.data[row[at]]
    ofLogits[at] = bounds.data[row[at]]
  }
  const exponents = exponentsOf(accuracy, logits, ofLogits)
  const { max, inherited, own, rescaled, finite } = exponents
  const g = compose(accuracy.gamma(n - 1 + 2 * profile.rewrites.onlineRescales), accuracy.divide)
  const tiny = (expFlush + accuracy.exp(104) * SMALLEST_NORMAL) * (1 + compose(g, accuracy.exp(0)))

  const up = new Float64Array(n)
  const down = new Float64Array(n)
  let sumUp = 0
  let sumDown = 0
  let [unknown, wide] = [false, false]
  for (let at = 0; at < n; at++) {
    const error = inherited[at] + rescaled[at]
    up[at] = Math.exp(logits[at] - max + error)
    down[at] = Math.exp(logits[at] - max - error)
    sumUp += up[at]
    if (ambiguous?.[row[at]] !== 1) sumDown += down[at]
    unknown ||= !(error <= UNKNOWN)
    wide ||= error > WIDE
  }
  const besidesUp = wide ? sumsOfOthers(up, () => true) : up
  const besidesDown = wide ? sumsOfOthers(down, (at) => ambiguous?.[row[at]] !== 1) : down
  for (let at = 0; at < n; at++) {
    const i = row[at]
    const mayBeAbsent = ambiguous?.[i] === 1
    const othersDown = wide ? besidesDown[at] : Math.max(0, sumDown - (mayBeAbsent ? 0 : down[at]))
    const othersUp = wide ? besidesUp[at] : Math.max(0, sumUp - up[at])
    let hi = up[at] / (up[at] + othersDown)
    let lo = down[at] / (down[at] + othersUp)
    const x = logits[at] - max
    const B = inherited[at]
    const eta = own[at]
    const etaInSum = rescaled[at]
    if (eta !== etaInSum) {
      lo = Math.min(lo, Math.exp(x - B - eta) / (Math.exp(x - B + etaInSum) + othersUp))
      hi = Math.max(hi, Math.exp(x + B + eta) / (Math.exp(x + B - etaInSum) + othersDown))
    }
    if (unknown) hi = 1
    if (profile.rewrites.logSumExpSoftmax) {
      const E = byLogSumExp(accuracy, exponents, logits[at], B, sumDown, sumUp)
      if (!(E <= UNKNOWN)) {
        out[i] = Infinity
        continue
      }
      hi *= Math.exp(E)
      lo *= Math.exp(-E)
    }
    const least = mayBeAbsent || unknown ? 0 : lo * Math.max(0, 1 - g)
    out[i] = finite ? Math.max(hi * (1 + g) - p.data[i], p.data[i] - least) + tiny : Infinity
  }
}

/**
 * E of e^(ẑ − l̂) = p·e^±E: what the logarithm, the subtractions and the last exponential add to a softmax of the
 * logits ẑ. l̂ is at most l = max + log Σe^(z − max + δ), and neither below that of −δ nor below ẑ; the logarithm is
 * taken of a sum between 1 and n, up to its errors, or not shifted of e^l. Rounded are l̂ = max + log Σ and ẑ − l̂, at
 * most l − (z − B); with ẑ − max rounded instead it is less than with what follows. To base 2, e^x = 2^(x·log₂e), ẑ and
 * l̂ are multiplied by a rounded constant first, each by itself: γ_2·(|ẑ| + |l̂|), as in the backward pass of a flash
 * attention. Where results are rounded to a narrow format, so are these, the sum and its logarithm. Then comes exp's
 * own error.
 */
export function byLogSumExp(
  accuracy: Accuracy,
  { max, unshifted }: Exponents,
  z: number,
  B: number,
  sumDown: number,
  sumUp: number,
): number {
  const { u, gamma, profile } = accuracy
  const narrow = (x: number): number => formatError(profile.formats.results, x, profile.rounding)
  const rounding = (x: number): number => u * x + narrow(x)
  const highest = max + Math.log(sumUp)
  const l = Math.max(Math.abs(highest), Math.abs(Math.max(max + Math.log(sumDown), z - B)))
  const logarithm = unshifted ? Math.max(l, Math.log(sumUp)) : Math.log(sumUp)
  // not shifted, it may be among the format's subnormals
  const leastSum = unshifted ? Math.min(1, Math.exp(max + Math.log(sumDown))) : 1
  const log =
    Math.max(accuracy.log(1), accuracy.log(Math.exp(Math.min(700, logarithm)))) +
    logFactor(narrow(leastSum) / leastSum) +
    narrow(logarithm)
  const taken = log + rounding(l + log)
  const inBase2 = taken + gamma(2) * (Math.abs(z) + B + l + taken)
  const largest = highest - z + B + inBase2
  const carried = inBase2 + rounding(largest)
  return carried + logFactor(accuracy.exp(largest + carried))
}

/** Of each term, the sum of the others that count, of which none is subtracted again. */
export function sumsOfOthers(terms: Float64Array, counts: (at: number) => boolean): Float64Array {
  const sums = new Float64Array(terms.length)
  let [before, after] = [0, 0]
  for (let at = 0; at < terms.length; at++) {
    sums[at] = before
    if (counts(at)) before += terms[at]
  }
  for (let at = terms.length - 1; at >= 0; at--) {
    sums[at] += after
    if (counts(at)) after += terms[at]
  }
  return sums
}

/**
 * A softmax as a flash attention multiplies with it, divided later: computed here, its bound has that; one that the
 * runtime shows has not. Where results are rounded to a narrow format, so are the weights before they are divided,
 * which is up to twice as much of them as afterwards.
 */
export function asWeights(accuracy: Accuracy, x: Bounded): Bounded {
  const { results } = accuracy.profile.formats
  const later = deferredDivision(accuracy)
  if (x.traits?.kind !== 'softmax' || later === 0) return x
  const isShown = x.shown !== undefined
  if (!isShown && results === 'float32') return x
  return { ...x, b: dividedLater(accuracy.profile, x, isShown ? later : undefined) }
}

/** @param later what the runtime shows may be off by so much more than its softmax, relative; undefined where it is computed here */
function dividedLater(
  { rounding, formats: { results } }: Profile,
  { v: { data, shape }, b }: Bounded,
  later: number | undefined,
): Tensor {
  const bounds = b.data
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) {
    const p = Math.abs(data[i])
    const early = formatError(results, p + bounds[i], rounding)
    const more =
      later === undefined ? Math.max(0, early - stepError(results, 0, p, rounding)) : later * p + early
    out[i] = bounds[i] + more
  }
  return tensor(out, shape)
}

/**
 * How far the weights of a flash attention may be off from the softmax p that it shows, relative: what it multiplies its values with is
 * divided after them, and rescaled on the way, where p was divided itself. Two divisions, and two products a rescaling. 0 where online
 * softmax is not legal.
 */
function deferredDivision({ divide, gamma, profile }: Accuracy): number {
  const { onlineRescales } = profile.rewrites
  return onlineRescales === 0 ? 0 : compose(divide, divide, gamma(2 * onlineRescales))
}
