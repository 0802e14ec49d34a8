import type { Evaluator, Value } from '../../../reference/evaluator.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import type { Exposed, Given } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'
import type { RawTensor } from '../../cases/raw-tensor.ts'
import { worstOf, type Comparison, type Judge, type Judgement, type OutputJudgement } from '../judgement.ts'
import { readOutput, type ReadOutput } from '../outputs.ts'
import { arranged } from './arranged.ts'
import { compareDense, type Suspicions } from './compare-dense.ts'
import { drawnErrors, type DrawnErrors } from './drawn-errors.ts'
import { compareMask } from './compare-mask.ts'
import { meaning, type Meaning } from './meaning.ts'
import { isElsewhere, passed, whereNoNoise } from './other-way.ts'
import { settle, type Masks } from './settle.ts'
import { goingOn, shownBy, storedIn, upstream } from './upstream.ts'
import { boundedOf } from '../bounded/arithmetic.ts'
import { surelyKept } from '../bounded/choice.ts'
import { remembered } from '../bounded/remembered.ts'
import type { Bounded, BoundedKinds } from '../bounded/bounded.ts'
import { blame, type Directions, type Known } from '../directions/index.ts'
import { fill } from '../noise/noise.ts'
import { thresholds, type Shared } from '../statistics/index.ts'
import type { Profile } from '../profile/profile.ts'

/** Versions of what a verdict means: its words and formulas, and the measured thresholds of its suspicions. */
export const verdictVersions: { readonly verdict: string; readonly thresholds: string } = {
  verdict: '5',
  thresholds: thresholds.version,
}

/**
 * The judge of a profile. Every output is held against what the equation gives, once from the case's inputs and once
 * going on from the runtime's own upstream tensors, by a bound that no legal runtime exceeds and by the noise that legal runtimes
 * have there.
 * @param directions when to look for named bugs that the errors go along: `never` unless given, `on-suspicion` as `check` does; `always` finds smaller ones, and takes about
 *   three times as long; under a profile that rounds otherwise than float32 to nearest it counts as `on-suspicion`, and
 *   the judge's name says so
 */
export function judgeUnder(profile: Profile, directions: Directions = 'never'): Judge {
  const [usual, suspected] = [false, true].map((looksAtOrder) => boundedOf(profile, looksAtOrder))
  const by = (evaluator: Evaluator<BoundedKinds>, question: Question): ((outputs: Outputs) => Judged) => {
    const memory = remembered(evaluator)
    const free = lazily(() => {
      const exposures = evaluate(memory.evaluator, question, storedIn(profile))
      memory.close()
      return exposures
    })
    return (outputs) => judge(memory.evaluator, { profile, directions }, question, free, outputs)
  }
  const about: Judge['about'] = (question) => {
    const first = by(usual, question)
    const again = lazily(() => by(suspected, question))
    return (outputs) => {
      const { plain, withNames } = first(outputs)
      const judgement = plain.verdict === 'suspect' ? plain : withNames()
      // what the order of terms makes of sums is asked where the verdict hangs on it
      return judgement.verdict === 'suspect' ? again()(outputs).withNames() : judgement
    }
  }
  return {
    name: nameOf(directions, profile),
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
function nameOf(directions: Directions, profile: Profile): string {
  const { verdict, thresholds: version } = verdictVersions
  const isIdle = suspicionsOf(profile) !== 'all'
  const when = isIdle ? 'on suspicion only, since "always" needs float32 that rounds to nearest' : 'always'
  const besides = directions === 'always' ? `, named directions ${when}` : ''
  return `derived bounds and measured noise${besides} (verdict ${verdict}, thresholds ${version})`
}

interface Settings {
  readonly profile: Profile
  readonly directions: Directions
}

type Outputs = ReadonlyMap<string, RawTensor>

/** A judgement before bugs that have a name were looked for, and the same with those. */
interface Judged {
  readonly plain: Judgement
  readonly withNames: () => Judgement
}

/** @param evaluated what the equation gives from the case's inputs */
function judge(
  evaluator: Evaluator<BoundedKinds>,
  { profile, directions }: Settings,
  question: Question,
  evaluated: () => Exposures,
  outputs: Outputs,
): Judged {
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

  const settledMasks = valuesOf(masks)
  const judgedIn = (path: string): Uint8Array | undefined => {
    const output = read.get(path)
    return output === undefined ? undefined : meaningful(output)?.judged
  }
  const shown = new Map([...found, ...settledMasks])
  const { absolute: erf } = profile.functions.erf
  const [alone, besides] = [new Map(settledMasks), shown].map((some) =>
    drawnErrors(question, new Set(read.keys()), { found: some, judged: judgedIn }, erf),
  )
  const isFloat32 = Object.values(profile.formats).every((format) => format === 'float32')
  const judgements = [...read]
    .map(([name, output]) =>
      judgeOutput(
        name,
        output,
        meaningful(output),
        { exposures: free, drawn: alone },
        { exposures: forced, drawn: besides },
        stored,
        suspicionsOf(profile),
      ),
    )
    .map((judgement) => arranged(judgement, { question, read, free, forced, meaningful, isFloat32 }))
  const absent = Object.entries(equation.exposes).flatMap(([name, { output }]) =>
    output === true && !read.has(name) ? [name] : [],
  )
  const verdict = worstOf(judgements.map((judgement) => judgement.verdict))
  const suspected = verdict === 'fail' || verdict === 'suspect'
  const plain = { id: equation.id, verdict, outputs: judgements, absent, ...settledOf(computed, masks) }
  const isIdle = !suspected && (directions !== 'always' || suspicionsOf(profile) !== 'all')
  if (directions === 'never' || found.size === 0 || isIdle) return { plain, withNames: () => plain }
  return {
    plain,
    withNames() {
      const known = knownOf(forced, meaningful, read, masks)
      const blamed = blame({ question, found: shown, known, directions, suspected })
      const leaning = blamed.findings.length > 0 ? 'suspect' : verdict
      return { ...plain, verdict: worstOf([verdict, leaning]), blame: blamed }
    },
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

/** Noise is measured on runtimes that round float32 to nearest. */
function suspicionsOf({ rounding, formats }: Profile): Suspicions {
  if (rounding !== 'nearest') return 'none'
  return Object.values(formats).every((format) => format === 'float32') ? 'all' : 'largest'
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

/** What the equation gives on some upstream, and what legal noise makes of it. */
interface Evaluated {
  readonly exposures: Exposures
  readonly drawn: DrawnErrors
}

function judgeOutput(
  name: string,
  output: ReadOutput,
  meaningful: Meaning | undefined,
  free: Evaluated,
  forced: Evaluated,
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
  const against = ({ exposures, drawn }: Evaluated): Comparison =>
    compare(truthIn(exposures), output.value, meaningful, suspicions, () => drawn(name))
  const goingOnFrom = against(forced)
  const fromInputs = output.spec.output === true ? against(free) : undefined
  // where nothing raises a suspicion, the largest error still says what is noise
  const byNoise = (): Comparison =>
    compare(
      whereNoNoise(truthIn(forced.exposures)),
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

function compare(
  truth: Exposed<BoundedKinds>,
  found: Value,
  meaningful: Meaning | undefined,
  suspicions: Suspicions,
  shared?: () => Shared,
): Comparison {
  if (truth.kind === 'mask' && found.kind === 'mask') return compareMask(truth.x, found.mask, suspicions)
  if (truth.kind !== 'mask' && found.kind === 'dense') {
    return compareDense(
      provableOnly(truth.x, meaningful),
      found.tensor,
      meaningful?.judged,
      suspicions,
      shared,
    )
  }
  throw new TypeError('the catalogue names a tensor that the equation exposes as another kind')
}

/** Nothing is proved of an entry that a legal runtime may have dropped. */
function provableOnly(truth: Bounded, meaningful: Meaning | undefined): Bounded {
  const { unsure } = meaningful ?? {}
  if (unsure === undefined) return truth
  return { ...truth, b: fill(truth.v.shape, (i) => (unsure[i] === 1 ? Infinity : truth.b.data[i])) }
}
