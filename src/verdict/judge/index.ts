import type { Value } from '../../../reference/evaluator.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import type { Exposed, Given } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'
import type { RawTensor } from '../../cases/raw-tensor.ts'
import { worstOf, type Comparison, type Judge, type Judgement, type OutputJudgement } from '../judgement.ts'
import { readOutput, type ReadOutput } from '../outputs.ts'
import { compareDense } from './compare-dense.ts'
import { compareMask } from './compare-mask.ts'
import { noise } from '../noise/arithmetic.ts'
import { surelyKept } from '../noise/choice.ts'
import { fill, type Noisy, type NoisyKinds } from '../noise/noise.ts'

/**
 * The interim judge: every output against float64, in standard deviations of the rounding noise that legal float32
 * runtimes have there (from the sums and sums of squares of the terms, carried through the equation). It is statistics
 * with measured thresholds and proves nothing; the derived verdict takes its place.
 */
export const interimJudge: Judge = {
  name: 'interim comparison with float64 (statistics, no proof)',
  judge,
}

function judge(question: Question, outputs: ReadonlyMap<string, RawTensor>): Judgement {
  const { equation } = question
  const read = new Map<string, ReadOutput>()
  for (const name of Object.keys(equation.exposes)) {
    const raw = outputs.get(name)
    if (raw !== undefined) read.set(name, readOutput(question, name, raw))
  }
  const free = evaluate(noise, question)
  const meaningful = meaning(question, read, free)
  const forced = evaluate(noise, question, upstream(read, meaningful))

  const judgements = [...read].map(([name, output]) =>
    judgeOutput(name, output, meaningful(output), free, forced),
  )
  const absent = Object.entries(equation.exposes).flatMap(([name, { output }]) =>
    output === true && !read.has(name) ? [name] : [],
  )
  return {
    id: equation.id,
    verdict: worstOf(judgements.map(({ verdict }) => verdict)),
    outputs: judgements,
    absent,
  }
}

type Exposures = ReadonlyMap<string, Exposed<NoisyKinds>>

function judgeOutput(
  name: string,
  output: ReadOutput,
  judged: Uint8Array | undefined,
  free: Exposures,
  forced: Exposures,
): OutputJudgement {
  if ('wrong' in output) return { name, verdict: 'fail', reason: output.wrong }
  if ('unjudged' in output) return { name, verdict: 'not-judged', reason: output.unjudged }
  const fromUpstream = compare(forced.get(name), output.value, judged)
  const comparisons: { fromInputs?: Comparison; fromUpstream: Comparison } =
    output.spec.output === true
      ? { fromInputs: compare(free.get(name), output.value, judged), fromUpstream }
      : { fromUpstream }
  const all = [fromUpstream, comparisons.fromInputs].filter((comparison) => comparison !== undefined)
  const verdict = worstOf(all.map((comparison) => comparison.verdict))
  const reason = all.find((comparison) => comparison.verdict === verdict)?.reason
  return { name, verdict, ...(reason === undefined ? {} : { reason }), ...comparisons }
}

function compare(
  truth: Exposed<NoisyKinds> | undefined,
  found: Value,
  judged: Uint8Array | undefined,
): Comparison {
  if (truth?.kind === 'mask' && found.kind === 'mask') return compareMask(truth.x, found.mask)
  if (truth !== undefined && truth.kind !== 'mask' && found.kind === 'dense') {
    return compareDense(truth.x, found.tensor, judged)
  }
  throw new TypeError('the catalogue names a tensor that the equation exposes as another kind, or not at all')
}

/** The runtime's own tensors for the equation to go on with; unusable ones are passed over. */
function upstream(read: ReadonlyMap<string, ReadOutput>, meaningful: Meaningful): Given<NoisyKinds> {
  return (path, computed) => {
    const output = read.get(path)
    if (output === undefined || !('value' in output)) return undefined
    const judged = meaningful(output)
    if (!isFinite(output.value, judged)) return undefined
    if (output.value.kind === 'mask') return { kind: 'mask', x: noise.mask(output.value.mask) }
    const { tensor } = output.value
    if (computed.kind === 'sparse')
      return { kind: 'sparse', x: where(judged, noise.sparse(tensor), computed.x) }
    if (computed.kind === 'dense') return { kind: 'dense', x: where(judged, noise.dense(tensor), computed.x) }
    return undefined
  }
}

/** What the runtime says where that means something, and elsewhere what was computed, with its noise. */
function where<N extends Noisy>(judged: Uint8Array | undefined, theirs: N, ours: N): N {
  if (judged === undefined) return theirs
  const mixed = (x: Tensor, y: Tensor): Tensor => fill(x.shape, (i) => (judged[i] === 1 ? x : y).data[i])
  return { ...theirs, v: mixed(theirs.v, ours.v), s2: mixed(theirs.s2, ours.s2) }
}

/** The bytes of the mask outside which a tensor's values mean nothing, if it has one. */
type Meaningful = (output: ReadOutput) => Uint8Array | undefined

/** That mask: an input, or the runtime's own, or without it truth's as far as noise leaves it no choice. */
function meaning({ tensors }: Question, read: ReadonlyMap<string, ReadOutput>, free: Exposures): Meaningful {
  return ({ spec: { judgedAt } }) => {
    if (judgedAt === undefined) return undefined
    const own = read.get(judgedAt)
    const given = own !== undefined && 'value' in own ? own.value : tensors.get(`input.${judgedAt}`)
    if (given?.kind === 'mask') return given.mask.data
    const truth = free.get(judgedAt)
    return truth?.kind === 'mask' ? surelyKept(truth.x) : undefined
  }
}

function isFinite(value: Value, judged: Uint8Array | undefined): boolean {
  return value.kind === 'mask' || value.tensor.data.every((x, i) => Number.isFinite(x) || judged?.[i] === 0)
}
