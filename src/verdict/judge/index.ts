import type { Evaluator, Value } from '../../../reference/evaluator.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import type { Exposed, Given } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'
import type { RawTensor } from '../../cases/raw-tensor.ts'
import { worstOf, type Comparison, type Judge, type Judgement, type OutputJudgement } from '../judgement.ts'
import { readOutput, type ReadOutput } from '../outputs.ts'
import { compareDense, type Suspicions } from './compare-dense.ts'
import { compareMask } from './compare-mask.ts'
import { settle, type Masks } from './settle.ts'
import { boundedOf } from '../bounded/arithmetic.ts'
import { surelyKept } from '../bounded/choice.ts'
import { remembered } from '../bounded/remembered.ts'
import type { Bounded, BoundedKinds } from '../bounded/bounded.ts'
import { blame, type Directions, type Known } from '../directions/index.ts'
import { fill } from '../noise/noise.ts'
import { thresholds } from '../statistics/index.ts'
import { formatError } from '../profile/accuracy.ts'
import { formatLimits, type Profile } from '../profile/profile.ts'

/** Versions of what a verdict means: its words and formulas, and the measured thresholds of its suspicions. */
export const verdictVersions: { readonly verdict: string; readonly thresholds: string } = {
  verdict: '2',
  thresholds: thresholds.version,
}

/**
 * The judge of a profile. Every output is held against what the equation gives, once from the case's inputs and once
 * going on from the runtime's own upstream tensors, by a bound that no legal runtime exceeds and by the noise that legal runtimes
 * have there.
 * @param directions when to look for named bugs that the errors go along: `always` finds smaller ones, and costs several times as much
 */
export function judgeUnder(profile: Profile, directions: Directions = 'never'): Judge {
  const evaluator = boundedOf(profile)
  const about: Judge['about'] = (question) => {
    const memory = remembered(evaluator)
    const free = lazily(() => {
      const exposures = evaluate(memory.evaluator, question, storedIn(profile))
      memory.close()
      return exposures
    })
    return (outputs) => judge(memory.evaluator, { profile, directions }, question, free, outputs)
  }
  return {
    name: nameOf(directions),
    profile,
    judge: (question, outputs) => about(question)(outputs),
    about,
  }
}

function lazily<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => (known ??= { value: compute() }).value
}

/** Directions raise suspicions of their own only where they are always tried: another judge. */
function nameOf(directions: Directions): string {
  const { verdict, thresholds: version } = verdictVersions
  const besides = directions === 'always' ? ', named directions always' : ''
  return `derived bounds and measured noise${besides} (verdict ${verdict}, thresholds ${version})`
}

interface Settings {
  readonly profile: Profile
  readonly directions: Directions
}

/** @param evaluated what the equation gives from the case's inputs */
function judge(
  evaluator: Evaluator<BoundedKinds>,
  { profile, directions }: Settings,
  question: Question,
  evaluated: () => Exposures,
  outputs: ReadonlyMap<string, RawTensor>,
): Judgement {
  const { equation } = question
  const read = new Map<string, ReadOutput>()
  for (const name of Object.keys(equation.exposes)) {
    const raw = outputs.get(name)
    if (raw !== undefined) read.set(name, readOutput(question, name, raw))
  }
  const stored = storedIn(profile)
  const found = valuesIn(read)
  const unsettled = evaluated()
  const own = shownBy(evaluator, profile)
  const given = upstream(own, read, meaning(question, read, unsettled, new Map()), stored)
  const computed = evaluate(evaluator, question, given)
  const masks = settle(computed, found, {
    goOn: (some) => evaluate(evaluator, question, goingOn(given, some)),
    judged: (path, some) => {
      const output = read.get(path)
      return output === undefined ? undefined : meaning(question, read, computed, some)(output)?.judged
    },
  })
  const isOpen = masks.size > 0
  const free = isOpen ? evaluate(evaluator, question, goingOn(stored, masks)) : unsettled
  const meaningful = meaning(question, read, free, masks)
  const forced = isOpen ? evaluate(evaluator, question, goingOn(given, masks)) : computed

  const judgements = [...read].map(([name, output]) =>
    judgeOutput(name, output, meaningful(output), free, forced, stored, suspicionsOf(profile)),
  )
  const absent = Object.entries(equation.exposes).flatMap(([name, { output }]) =>
    output === true && !read.has(name) ? [name] : [],
  )
  const verdict = worstOf(judgements.map((judgement) => judgement.verdict))
  const suspected = verdict === 'fail' || verdict === 'suspect'
  if (
    directions === 'never' ||
    found.size === 0 ||
    !(suspected || (directions === 'always' && suspicionsOf(profile) === 'all'))
  ) {
    return { id: equation.id, verdict, outputs: judgements, absent, ...settledOf(computed, masks) }
  }
  const known = knownOf(forced, meaningful, read, masks)
  const shown = new Map([...found, ...valuesOf(masks)])
  const blamed = blame({ question, found: shown, known, directions, suspected })
  const leaning = blamed.findings.length > 0 ? 'suspect' : verdict
  return {
    id: equation.id,
    verdict: worstOf([verdict, leaning]),
    blame: blamed,
    outputs: judgements,
    absent,
    ...settledOf(computed, masks),
  }
}

/** Masks as a runtime would show them. */
function valuesOf(masks: Masks): [string, Value][] {
  return [...masks].map(([path, { shape, data }]) => [path, { kind: 'mask', mask: { shape, data } }])
}

/** How many rows of each mask were settled. */
function settledOf(computed: Exposures, masks: Masks): Pick<Judgement, 'settled'> {
  if (masks.size === 0) return {}
  const settled = [...masks].map(([name, mask]) => {
    const before = computed.get(name)
    const open = before?.kind === 'mask' ? before.x.open : undefined
    const width = mask.shape.at(-1) ?? 1
    const rows = new Set<number>()
    open?.forEach((byte, i) => {
      if (byte === 1 && mask.open?.[i] !== 1) rows.add(Math.floor(i / width))
    })
    return { name, rows: rows.size }
  })
  return { settled }
}

/** What an equation goes on with, and masks that were chosen for a runtime that does not show its own. */
function goingOn(given: Given<BoundedKinds>, masks: Masks): Given<BoundedKinds> {
  return (path, computed) => {
    const mask = masks.get(path)
    return mask === undefined || computed.kind !== 'mask' ? given(path, computed) : { kind: 'mask', x: mask }
  }
}

/** Noise is measured on runtimes that round float32 to nearest. */
function suspicionsOf({ rounding, formats }: Profile): Suspicions {
  if (rounding !== 'nearest') return 'none'
  return formats.productInputs === 'float32' && formats.outputs === 'float32' ? 'all' : 'largest'
}

function valuesIn(read: ReadonlyMap<string, ReadOutput>): Map<string, Value> {
  return new Map(
    [...read].flatMap(([name, output]) => ('value' in output ? [[name, output.value] as const] : [])),
  )
}

/** What the bounded evaluation knows of each tensor, in the terms of directions. */
function knownOf(
  forced: Exposures,
  meaningful: (output: ReadOutput) => Meaning | undefined,
  read: ReadonlyMap<string, ReadOutput>,
  masks: Masks,
): (path: string) => Known | undefined {
  // what was chosen for a runtime is nothing that it could have got wrong
  const known = new Map<string, Known>(
    [...masks].map(([path, { data }]) => [path, { judged: new Uint8Array(data.length) }]),
  )
  for (const [path, output] of read) {
    const truth = forced.get(path)
    if (truth?.kind === 'mask') {
      known.set(path, { judged: surelyKept(new Uint8Array(truth.x.data.length).fill(1), truth.x.ambiguous) })
    } else if (truth !== undefined) {
      const { v, s2 } = truth.x
      const s = fill(v.shape, (i) => Math.sqrt(s2.data[i]))
      known.set(path, { v, s, judged: meaningful(output)?.judged })
    }
  }
  return (path) => known.get(path)
}

type Exposures = ReadonlyMap<string, Exposed<BoundedKinds>>

function judgeOutput(
  name: string,
  output: ReadOutput,
  meaningful: Meaning | undefined,
  free: Exposures,
  forced: Exposures,
  stored: Given<BoundedKinds>,
  suspicions: Suspicions,
): OutputJudgement {
  if ('wrong' in output) return { name, verdict: 'fail', reason: output.wrong }
  if ('unjudged' in output) return { name, verdict: 'not-judged', reason: output.unjudged }
  const truthIn = (exposures: Exposures): Exposed<BoundedKinds> => {
    const truth = exposures.get(name)
    if (truth === undefined) throw new TypeError(`the equation exposes no ${name}`)
    return stored(name, truth) ?? truth
  }
  const against = (exposures: Exposures): Comparison =>
    compare(truthIn(exposures), output.value, meaningful, suspicions)
  const goingOnFrom = against(forced)
  const fromInputs = output.spec.output === true ? against(free) : undefined
  // where nothing raises a suspicion, the largest error still says what is noise
  const byNoise = (): Comparison =>
    compare(
      whereNoNoise(truthIn(forced)),
      output.value,
      meaningful,
      suspicions === 'none' ? 'largest' : suspicions,
    )
  const mayBeElsewhere = output.spec.otherWay === true && isElsewhere(goingOnFrom, fromInputs, byNoise)
  const fromUpstream = mayBeElsewhere ? passed(goingOnFrom) : goingOnFrom
  const comparisons: { fromInputs?: Comparison; fromUpstream: Comparison } =
    fromInputs === undefined ? { fromUpstream } : { fromInputs, fromUpstream }
  const all = [fromUpstream, comparisons.fromInputs].filter((comparison) => comparison !== undefined)
  const verdict = worstOf(all.map((comparison) => comparison.verdict))
  const reason = all.find((comparison) => comparison.verdict === verdict)?.reason
  return { name, verdict, ...(reason === undefined ? {} : { reason }), ...comparisons }
}

/**
 * Whether a runtime seems to have come to an output by another way than through the tensors it shows: A of Eq. (3) as one softmax of a sum of
 * queries, beside A_s and A_g. From the inputs it holds, and from what is shown it is no further off than noise goes, beyond the bound though it is.
 * @param byNoise what noise says of it from what is shown
 */
function isElsewhere(
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
function whereNoNoise(truth: Exposed<BoundedKinds>): Exposed<BoundedKinds> {
  const unbounded = <B extends Bounded>(x: B): B => ({
    ...x,
    b: fill(x.v.shape, (i) => (x.s2.data[i] < Infinity ? Infinity : x.b.data[i])),
  })
  if (truth.kind === 'mask') return truth
  return truth.kind === 'dense'
    ? { kind: 'dense', x: unbounded(truth.x) }
    : { kind: 'sparse', x: unbounded(truth.x) }
}

function passed({ reason: _reason, ...comparison }: Comparison): Comparison {
  return { ...comparison, verdict: 'pass' }
}

function compare(
  truth: Exposed<BoundedKinds>,
  found: Value,
  meaningful: Meaning | undefined,
  suspicions: Suspicions,
): Comparison {
  if (truth.kind === 'mask' && found.kind === 'mask') return compareMask(truth.x, found.mask, suspicions)
  if (truth.kind !== 'mask' && found.kind === 'dense') {
    return compareDense(provableOnly(truth.x, meaningful), found.tensor, meaningful?.judged, suspicions)
  }
  throw new TypeError('the catalogue names a tensor that the equation exposes as another kind')
}

/** A runtime's tensor as the equation goes on with it, where `judged`; elsewhere with what was computed. */
type Shown = (
  value: Value,
  computed: Exposed<BoundedKinds>,
  judged?: Uint8Array,
) => Exposed<BoundedKinds> | undefined

/** The runtime's own tensors for the equation to go on with; unusable ones are passed over. */
function upstream(
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

/**
 * What a runtime went on with that shows a tensor: that, or, in wider registers, anything that rounds to it. Where no rounding can be,
 * because no legal runtime is off there, it is that.
 */
function shownBy(evaluator: Evaluator<BoundedKinds>, { rounding }: Profile): Shown {
  const { unit, least } = formatLimits.float32
  const most = rounding === 'nearest' ? 1 : 2
  const rounded = <B extends Bounded>(theirs: B, ours: B): B => {
    const isExact = (i: number): boolean => ours.b.data[i] === 0
    return {
      ...theirs,
      // half an ULP of 0 is that of the subnormals
      b: fill(theirs.v.shape, (i) =>
        isExact(i) ? 0 : most * unit * Math.max(Math.abs(theirs.v.data[i]), least),
      ),
      s2: fill(theirs.v.shape, (i) => (isExact(i) ? 0 : ((unit / 2) * theirs.v.data[i]) ** 2)),
      shown: 'whole',
    }
  }
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

/** What the runtime says where that means something, and elsewhere what was computed, with its bounds. */
function where<B extends Bounded>(judged: Uint8Array | undefined, theirs: B, ours: B): B {
  if (judged === undefined) return theirs
  const mixed = (x: Tensor, y: Tensor): Tensor => fill(x.shape, (i) => (judged[i] === 1 ? x : y).data[i])
  return { ...theirs, v: mixed(theirs.v, ours.v), b: mixed(theirs.b, ours.b), s2: mixed(theirs.s2, ours.s2) }
}

/** Where a tensor's values mean something. */
interface Meaning {
  readonly judged: Uint8Array
  /** Where they may mean nothing, as far as can be proved. */
  readonly unsure?: Uint8Array | undefined
}

/**
 * The mask outside which a tensor means nothing, if it has one: an input, or the runtime's own, or without it truth's as far
 * as noise leaves it no choice or the choice was settled.
 */
function meaning(
  { tensors }: Question,
  read: ReadonlyMap<string, ReadOutput>,
  free: Exposures,
  masks: Masks,
): (output: ReadOutput) => Meaning | undefined {
  return ({ spec: { judgedAt } }) => {
    if (judgedAt === undefined) return undefined
    const own = read.get(judgedAt)
    const given = own !== undefined && 'value' in own ? own.value : tensors.get(`input.${judgedAt}`)
    if (given?.kind === 'mask') return { judged: given.mask.data }
    const truth = free.get(judgedAt)
    if (truth?.kind !== 'mask') return undefined
    const { data, open } = masks.get(judgedAt) ?? truth.x
    return { judged: surelyKept(data, open), unsure: truth.x.ambiguous }
  }
}

/** Nothing is proved of an entry that a legal runtime may have dropped. */
function provableOnly(truth: Bounded, meaningful: Meaning | undefined): Bounded {
  const { unsure } = meaningful ?? {}
  if (unsure === undefined) return truth
  return { ...truth, b: fill(truth.v.shape, (i) => (unsure[i] === 1 ? Infinity : truth.b.data[i])) }
}

/** A tensor as the runtime shows it, known to be a softmax where it is one. */
function named(computed: Exposed<BoundedKinds>, own: Exposed<BoundedKinds>): Exposed<BoundedKinds> {
  if (computed.kind === 'mask' || computed.x.traits?.kind !== 'softmax') return own
  const traits = { kind: 'softmax', coherent: 0 } as const
  if (own.kind === 'dense') return { kind: 'dense', x: { ...own.x, traits } }
  return own.kind === 'sparse' ? { kind: 'sparse', x: { ...own.x, traits } } : own
}

/** A tensor as the profile's runtimes store it: rounded to the format of their outputs. */
function storedIn({ rounding, formats: { outputs: format } }: Profile): Given<BoundedKinds> {
  if (format === 'float32') return () => undefined
  const { unit } = formatLimits[format]
  const rounded = <B extends Bounded>(x: B): B => ({
    ...x,
    b: fill(x.v.shape, (i) => {
      const bound = x.b.data[i]
      return bound + formatError(format, Math.abs(x.v.data[i]) + bound, rounding)
    }),
    s2: fill(x.v.shape, (i) => x.s2.data[i] + ((unit / 2) * x.v.data[i]) ** 2),
    ...(x.shown === undefined ? {} : { shown: 'rounded' }),
  })
  return (_, computed) => {
    if (computed.kind === 'mask') return undefined
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
