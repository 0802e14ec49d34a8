import type { Evaluator, Value } from '../../../reference/evaluator.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import type { Exposed, Given } from '../../arithmetics/recording.ts'
import type { Bounded, BoundedKinds } from '../bounded/bounded.ts'
import { heldIn } from '../bounded/results.ts'
import { carriedVariance, fill } from '../noise/noise.ts'
import type { ReadOutput } from '../outputs.ts'
import { formatError, formatVariance } from '../profile/accuracy.ts'
import { formatLimits, type Profile } from '../profile/profile.ts'
import type { Meaning } from './meaning.ts'
import type { Masks } from './settle.ts'

/** A runtime's tensor as the equation goes on with it, where `judged`; elsewhere with what was computed. */
type Shown = (
  value: Value,
  computed: Exposed<BoundedKinds>,
  judged?: Uint8Array,
) => Exposed<BoundedKinds> | undefined

/** The runtime's own tensors for the equation to go on with; unusable ones are passed over. */
export function upstream(
  own: Shown,
  read: ReadonlyMap<string, ReadOutput>,
  meaningful: (output: ReadOutput) => Meaning | undefined,
  stored: Given<BoundedKinds>,
): Given<BoundedKinds> {
  return (path, computed) => {
    const output = read.get(path)
    if (output === undefined || !('value' in output)) return stored(path, computed)
    const judged = meaningful(output)?.judged
    if (!isFinite(output.value, judged)) return stored(path, computed)
    const shown = own(output.value, computed, judged)
    return shown === undefined ? undefined : (stored(path, shown) ?? shown)
  }
}

/** What an equation goes on with, and masks that were chosen for a runtime that does not show its own. */
export function goingOn(given: Given<BoundedKinds>, masks: Masks): Given<BoundedKinds> {
  return (path, computed) => {
    const mask = masks.get(path)
    return mask === undefined || computed.kind !== 'mask' ? given(path, computed) : { kind: 'mask', x: mask }
  }
}

/**
 * What a runtime went on with that shows a tensor: that, or, in wider registers, anything that rounds to it. Where no rounding can be,
 * because no legal runtime is off there, it is that.
 */
export function shownBy(evaluator: Evaluator<BoundedKinds>, { rounding }: Profile): Shown {
  const most = rounding === 'nearest' ? 1 : 2
  const rounded = <B extends Bounded>(theirs: B, ours: B): B => ({
    ...theirs,
    ...roundedTo(theirs.v, ours.b, most),
    shown: 'whole',
  })
  return (value, computed, judged) => {
    if (value.kind === 'mask') return { kind: 'mask', x: evaluator.mask(value.mask) }
    if (computed.kind === 'sparse') {
      const theirs = rounded(evaluator.sparse(value.tensor), computed.x)
      return named(computed, { kind: 'sparse', x: where(judged, theirs, computed.x) })
    }
    if (computed.kind === 'mask') return undefined
    const theirs = rounded(evaluator.dense(value.tensor), computed.x)
    return named(computed, { kind: 'dense', x: where(judged, theirs, computed.x) })
  }
}

/** The bound and the variance of what rounds to v, by at most `most` halves of an ULP, where it is not exact by its `bound`. */
function roundedTo({ data: v, shape }: Tensor, bound: Tensor, most: number): Pick<Bounded, 'b' | 's2'> {
  const { unit, least } = formatLimits.float32
  const bounds = bound.data
  const [b, s2] = [new Float64Array(v.length), new Float64Array(v.length)]
  for (let i = 0; i < b.length; i++) {
    if (bounds[i] === 0) continue
    // half an ULP of 0 is that of the subnormals
    b[i] = most * unit * Math.max(Math.abs(v[i]), least)
    s2[i] = carriedVariance(v[i])
  }
  return { b: tensor(b, shape), s2: tensor(s2, shape) }
}

/** What the runtime says where that means something, and elsewhere what was computed, with its bounds. */
function where<B extends Bounded>(judged: Uint8Array | undefined, theirs: B, ours: B): B {
  if (judged === undefined) return theirs
  const mixed = (x: Tensor, y: Tensor): Tensor => fill(x.shape, (i) => (judged[i] === 1 ? x : y).data[i])
  return { ...theirs, v: mixed(theirs.v, ours.v), b: mixed(theirs.b, ours.b), s2: mixed(theirs.s2, ours.s2) }
}

/** A tensor as the runtime shows it, known to be a softmax where it is one. */
function named(computed: Exposed<BoundedKinds>, own: Exposed<BoundedKinds>): Exposed<BoundedKinds> {
  if (computed.kind === 'mask' || computed.x.traits?.kind !== 'softmax') return own
  const traits = { kind: 'softmax', coherent: 0 } as const
  if (own.kind === 'dense') return { kind: 'dense', x: { ...own.x, traits } }
  return own.kind === 'sparse' ? { kind: 'sparse', x: { ...own.x, traits } } : own
}

/**
 * A tensor as the profile's runtimes store it: rounded to the format of their outputs. Where every result is rounded to
 * that already, only what a file shows is anything else, the rounded copy of what a fused operation went on with.
 */
export function storedIn(profile: Profile): Given<BoundedKinds> {
  const { outputs: format, results } = profile.formats
  if (format === 'float32') return () => undefined
  if (format === results) return shownIn(profile)
  const { rounding } = profile
  const rounded = <B extends Bounded>(x: B): B => ({
    ...x,
    b: fill(x.v.shape, (i) => {
      const bound = x.b.data[i]
      return bound + formatError(format, Math.abs(x.v.data[i]) + bound, rounding)
    }),
    s2: fill(x.v.shape, (i) => x.s2.data[i] + formatVariance(format, x.v.data[i])),
    ...(x.shown === undefined ? {} : { shown: 'rounded' }),
  })
  return (_, computed) => {
    if (computed.kind === 'mask') return undefined
    if (computed.kind === 'dense') return { kind: 'dense', x: rounded(computed.x) }
    return { kind: 'sparse', x: rounded(computed.x) }
  }
}

function shownIn(profile: Profile): Given<BoundedKinds> {
  const rounded = <B extends Bounded>(x: B): B => ({ ...heldIn(profile, x), shown: 'rounded' })
  return (_, computed) => {
    if (computed.kind === 'mask' || computed.x.shown === undefined) return undefined
    if (computed.kind === 'dense') return { kind: 'dense', x: rounded(computed.x) }
    return { kind: 'sparse', x: rounded(computed.x) }
  }
}

function isFinite(value: Value, judged: Uint8Array | undefined): boolean {
  if (value.kind === 'mask') return true
  const { data } = value.tensor
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]) && judged?.[i] !== 0) return false
  return true
}
