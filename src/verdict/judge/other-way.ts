import type { Exposed } from '../../arithmetics/recording.ts'
import type { Bounded, BoundedKinds } from '../bounded/bounded.ts'
import type { Comparison } from '../judgement.ts'
import { fill } from '../noise/noise.ts'

/**
 * Whether a runtime seems to have come to an output by another way than through the tensors it shows: A of Eq. (3) as
 * one softmax of a sum of queries, beside A_s and A_g. From the inputs it holds, and from what is shown it is no
 * further off than noise goes, beyond the bound though it is.
 * @param byNoise what noise says of it from what is shown
 */
export function isElsewhere(
  fromUpstream: Comparison,
  fromInputs: Comparison | undefined,
  byNoise: () => Comparison,
): boolean {
  return (
    fromInputs?.verdict === 'pass' &&
    fromUpstream.verdict === 'fail' &&
    fromUpstream.share !== null &&
    byNoise().verdict === 'pass'
  )
}

/** Truth whose bounds prove something only where nobody knows the noise. */
export function whereNoNoise(truth: Exposed<BoundedKinds>): Exposed<BoundedKinds> {
  const unbounded = <B extends Bounded>(x: B): B => ({
    ...x,
    b: fill(x.v.shape, (i) => (x.s2.data[i] < Infinity ? Infinity : x.b.data[i])),
  })
  if (truth.kind === 'mask') return truth
  return truth.kind === 'dense'
    ? { kind: 'dense', x: unbounded(truth.x) }
    : { kind: 'sparse', x: unbounded(truth.x) }
}

/** The same comparison, let pass. */
export function passed({ reason: _reason, ...comparison }: Comparison): Comparison {
  return { ...comparison, verdict: 'pass' }
}
