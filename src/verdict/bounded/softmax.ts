import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { SMALLEST_NORMAL, type Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'
import { exponentsOf } from './exponents.ts'
import { asOperand } from './flushed.ts'

/** Beyond this an exponent's error says nothing any more, and a probability is anything between 0 and 1. */
const UNKNOWN = 300

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
 * The n − 1 additions, the rescalings' products (of the sum and of a numerator), and the division are off by a factor 1 ± g,
 * g = γ_(n − 1 + 2·rescales) ∘ division; and F is lost where an exponential, which is at most 1 in a sum of at least 1, or p itself is
 * flushed; what is flushed in the sum is nothing beside it. An entry that may or may not take part is absent from the others' hi and present in their lo; its own lo is 0.
 */
export function softmaxBounds(accuracy: Accuracy, z: Bounded, p: Tensor, members?: Members): Tensor {
  const out = new Float64Array(p.size)
  const width = p.shape.at(-1) ?? 1
  const inherited = asOperand(z, accuracy.flush)
  for (let start = 0; start < p.size; start += width) {
    const row: number[] = []
    for (let i = start; i < start + width; i++)
      if (members === undefined || members.kept[i] === 1) row.push(i)
    if (row.length > 0) boundRow(accuracy, out, z.v, inherited, p, row, members?.ambiguous)
  }
  return tensor(out, p.shape)
}

function boundRow(
  accuracy: Accuracy,
  out: Float64Array,
  z: Tensor,
  bounds: Tensor,
  p: Tensor,
  row: readonly number[],
  ambiguous?: Uint8Array,
): void {
  const { flush, profile } = accuracy
  const mayBeAbsent = (i: number): boolean => ambiguous?.[i] === 1
  const { max, inherited, own, rescaled, finite } = exponentsOf(
    accuracy,
    row.map((i) => z.data[i]),
    Float64Array.from(row, (i) => bounds.data[i]),
  )
  const roundings = row.length - 1 + 2 * profile.rewrites.onlineRescales
  const g = compose(accuracy.gamma(roundings), accuracy.divide)
  const tiny = (flush + accuracy.exp(104) * SMALLEST_NORMAL) * (1 + compose(g, accuracy.exp(0)))

  /** e^(z_i − max + error). */
  const power = (at: number, error: number): number => Math.exp(z.data[row[at]] - max + error)
  const up = Float64Array.from(row, (_, at) => power(at, inherited[at] + rescaled[at]))
  const down = Float64Array.from(row, (_, at) => power(at, -inherited[at] - rescaled[at]))
  const unknown = row.some((_, at) => !(inherited[at] + rescaled[at] <= UNKNOWN))
  let [sumUp, sumDown] = [0, 0]
  row.forEach((i, at) => {
    sumUp += up[at]
    if (!mayBeAbsent(i)) sumDown += down[at]
  })
  const extremes = (i: number, at: number): readonly [number, number] => {
    if (unknown) return [0, 1]
    const othersDown = Math.max(0, sumDown - (mayBeAbsent(i) ? 0 : down[at]))
    const othersUp = Math.max(0, sumUp - up[at])
    const [B, eta, etaInSum] = [inherited[at], own[at], rescaled[at]]
    const hi = up[at] / (up[at] + othersDown)
    const lo = down[at] / (down[at] + othersUp)
    if (eta === etaInSum) return [lo, hi]
    return [
      Math.min(lo, power(at, -B - eta) / (power(at, -B + etaInSum) + othersUp)),
      Math.max(hi, power(at, B + eta) / (power(at, B - etaInSum) + othersDown)),
    ]
  }
  row.forEach((i, at) => {
    const [lo, hi] = extremes(i, at)
    const least = mayBeAbsent(i) ? 0 : lo * Math.max(0, 1 - g)
    out[i] = finite ? Math.max(hi * (1 + g) - p.data[i], p.data[i] - least) + tiny : Infinity
  })
}

/**
 * How far the weights of a flash attention may be off from the softmax p that it shows, relative: what it multiplies its values with is
 * divided after them, and rescaled on the way, where p was divided itself. Two divisions, and two products a rescaling. 0 where online
 * softmax is not legal.
 */
export function deferredDivision({ divide, gamma, profile }: Accuracy): number {
  const { onlineRescales } = profile.rewrites
  return onlineRescales === 0 ? 0 : compose(divide, divide, gamma(2 * onlineRescales))
}
