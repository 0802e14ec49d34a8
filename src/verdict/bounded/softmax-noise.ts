import { fullArithmetic } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { softmaxDrift } from '../noise/drift.ts'
import { logSumExp, logSumExpVariance, withDrift } from '../noise/rowwise.ts'
import type { Scatter } from '../noise/scatter.ts'
import type { Profile } from '../profile/profile.ts'
import type { Bounded } from './bounded.ts'

const t = fullArithmetic(Float64Array)

/** Of what a row drifts to, how much counts as a deviation of what its elements share: with ten of them, its sum may be off by 2½ times the drift. */
const DRIFT = 1 / 4

/**
 * What the noise of a softmax p of logits z is besides its own rounding: what its sum drifts to, which elements of a row
 * share, and what e^(z − log Σe^z) adds where that is legal.
 * @param divided the standard deviation of a division that all elements share, relative
 */
export function softmaxNoise(
  { rewrites }: Profile,
  scatter: Scatter,
  divided: number,
): (z: Bounded, p: Bounded) => Bounded {
  return ({ v: z }, p) => {
    const { most, together } = softmaxDrift(z, p.v)
    const drifting = {
      ...withDrift(z, p),
      traits: { kind: 'softmax', coherent: divided + together, inRow: DRIFT * most },
    } as const
    if (!rewrites.logSumExpSoftmax) return drifting
    // l rounded, and times a rounded log₂e
    const ofLog = 2 * scatter.c * largestLogSumExp(z, p.v)
    const { coherent, inRow } = drifting.traits
    return {
      ...drifting,
      s2: t.add(p.s2, logSumExpVariance(scatter, z, p.v)),
      rowShared: true,
      traits: { kind: 'softmax', coherent: coherent + ofLog, inRow: inRow + ofLog },
    }
  }
}

/** The largest |log Σe^z| of a row of logits with softmax p, of those that are finite. */
function largestLogSumExp(z: Tensor, p: Tensor): number {
  const width = p.shape.at(-1) ?? 1
  let most = 0
  for (let start = 0; start < p.size; start += width) {
    const l = Math.abs(logSumExp(z, p, start, width))
    if (l < Infinity) most = Math.max(most, l)
  }
  return most
}
