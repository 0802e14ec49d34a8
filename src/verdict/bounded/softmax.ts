import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { ULP, type Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'

/** |logits| up to which a softmax may do without taking off the maximum: e^±64 is far from either end of float32. */
const UNSHIFTED = 64
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
 * With x = z − max and a = |x|, or |z| if the shift may be left out, every exponential is right up to a factor e^±δ,
 * δ = b + u|x| + log(1 + exp's error at a) + exp's error at 0 for every rescaling of an online softmax. The extremes are attained:
 * hi_i = p_i·e^δ_i/(p_i·e^δ_i + Σ_(j≠i) p_j·e^−δ_j), lo_i with signs flipped; the sum, the division and the rescalings
 * are off by the factor 1 ± g, g = γ_(n + 4) + division + 2u a rescaling. An entry that may or may not take part is absent from the
 * others' hi and present in their lo; its own lo is 0.
 */
export function softmaxBounds(accuracy: Accuracy, z: Bounded, p: Tensor, members?: Members): Tensor {
  const out = new Float64Array(p.size)
  const width = p.shape.at(-1) ?? 1
  for (let start = 0; start < p.size; start += width) {
    const row: number[] = []
    for (let i = start; i < start + width; i++)
      if (members === undefined || members.kept[i] === 1) row.push(i)
    boundRow(accuracy, out, z, p, row, members?.ambiguous)
  }
  return tensor(out, p.shape)
}

function boundRow(
  accuracy: Accuracy,
  out: Float64Array,
  { v: z, b }: Bounded,
  p: Tensor,
  row: readonly number[],
  ambiguous?: Uint8Array,
): void {
  const { u, flush, profile } = accuracy
  const mayBeAbsent = (i: number): boolean => ambiguous?.[i] === 1
  const top = (indices: readonly number[]): number =>
    indices.reduce((most, i) => Math.max(most, z.data[i]), -Infinity)
  const max = top(row)
  // a runtime's maximum is lower where the largest do not take part
  const sure = row.filter((i) => !mayBeAbsent(i))
  const lowest = sure.length > 0 ? top(sure) : row.reduce((least, i) => Math.min(least, z.data[i]), max)
  const largest = row.reduce((most, i) => Math.max(most, Math.abs(z.data[i]) + b.data[i]), 0)
  const spread = row.reduce((most, i) => Math.max(most, b.data[i]), 0)
  const unshifted = profile.rewrites.unshiftedSoftmax && largest <= UNSHIFTED
  const { onlineRescales } = profile.rewrites
  const rescaling = onlineRescales * Math.log1p(profile.functions.exp.ulp * ULP)
  const g = compose(accuracy.gamma(row.length + 4), accuracy.divide, 2 * onlineRescales * u)

  const delta = new Float64Array(row.length)
  const up = new Float64Array(row.length)
  const down = new Float64Array(row.length)
  let [sumUp, sumDown, unknown, overflow] = [0, 0, false, false]
  row.forEach((i, at) => {
    const x = Math.max(max - z.data[i], Math.abs(z.data[i] - lowest))
    const off = b.data[i] + spread
    const a = (unshifted ? Math.max(x, Math.abs(z.data[i])) : x) + off
    const d = b.data[i] + u * (x + off) + Math.log1p(accuracy.exp(a)) + rescaling
    overflow ||= !(b.data[i] < Infinity)
    unknown ||= !(d <= UNKNOWN)
    delta[at] = d
    up[at] = Math.exp(z.data[i] - max + d)
    down[at] = Math.exp(z.data[i] - max - d)
    sumUp += up[at]
    if (!mayBeAbsent(i)) sumDown += down[at]
  })
  row.forEach((i, at) => {
    const own = p.data[i]
    if (overflow) {
      out[i] = Infinity
      return
    }
    const othersDown = Math.max(0, sumDown - (mayBeAbsent(i) ? 0 : down[at]))
    const othersUp = Math.max(0, sumUp - up[at])
    const hi = unknown ? 1 : up[at] / (up[at] + othersDown)
    const lo = unknown || mayBeAbsent(i) ? 0 : down[at] / (down[at] + othersUp)
    out[i] = Math.max(hi * (1 + g) - own, own - lo * Math.max(0, 1 - g)) + 4 * flush
  })
}
