import type { Evaluator, MaskArray, Value } from '../../../reference/evaluator.ts'
import type { FullMask } from '../../../reference/float32/full.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { sameShape, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { float64 } from '../../arithmetics/float64.ts'
import { read, type Exposed } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'
import { traced, type OnCall, type Rules, type Step } from './traced.ts'

/** One call of a primitive in the evaluation of truth. */
export interface Call {
  readonly index: number
  readonly step: Step
  readonly operands: readonly unknown[]
  readonly result: Exposed<FullKinds>
  /** The first name exposed after it: where what it gives shows first. */
  readonly shownIn: string
}

/** What an evaluation exposes, by path. */
export type Exposures = ReadonlyMap<string, Exposed<FullKinds>>

/** Rules to make a call by instead of truth's; undefined for truth's own. `usual` knows what truth's own call gave. */
export type Alter = (call: Call, usual: Rules) => Rules | undefined

/** What an equation goes on with where it would with one of the runtime's tensors. */
export type Enter = (path: string, given: Exposed<FullKinds>) => Exposed<FullKinds>

/** The runtime's tensors that an equation goes on with, by path, and the entries of each that mean something. */
export interface Upstream {
  readonly found: ReadonlyMap<string, Value>
  /** Entries whose byte is 0 mean nothing: there, what was computed is gone on with. */
  readonly judged: (path: string) => Uint8Array | undefined
}

/** Truth, evaluated once in float64 on the runtime's own upstream, every call remembered. */
export interface Tape {
  readonly question: Question
  readonly calls: readonly Call[]
  readonly exposed: Exposures
  /** Of the runtime's tensors, those that a call shows in: those it leads to with none of the others between. */
  reach(call: Call): ReadonlySet<string>
  /** The name of the param, the input or the runtime's own tensor that a tensor inside the evaluation is. */
  nameOf(operand: unknown): string | undefined
  /**
   * Evaluates again with some calls altered, or the question changed. What does not depend on the alteration is not computed
   * again: a call whose operands are truth's own tensors gives truth's own result.
   * @param enter what is gone on with in place of each of the runtime's tensors
   */
  replay(alter: Alter, question?: Question, enter?: Enter): Exposures
}

/**
 * Evaluates the question in float64, teacher-forced.
 * @param truth another evaluator: a runtime, to plant bugs in
 */
export function record(
  question: Question,
  upstream: Upstream,
  truth: Evaluator<FullKinds> = float64(),
): Tape {
  const inputs = new Map<Tensor | MaskArray, Tensor | FullMask>()
  const names = new Map<unknown, string>()
  const forced = new Map<string, { readonly computed: unknown; readonly given: Exposed<FullKinds> }>()
  const marks: { readonly path: string; readonly after: number }[] = []

  // the same objects every time: what is not altered is recognised by identity
  const entering: Pick<Evaluator<FullKinds>, 'dense' | 'mask'> = {
    dense(x) {
      const known = inputs.get(x)
      if (known !== undefined && 'data' in known) return known
      const entered = truth.dense(x)
      inputs.set(x, entered)
      return entered
    },
    mask(x) {
      const known = inputs.get(x)
      if (known !== undefined && 'kept' in known) return known
      const entered = truth.mask(x)
      inputs.set(x, entered)
      return entered
    },
  }
  const run = (
    rules: Rules,
    asked: Question,
    onExpose: (path: string) => void,
    enter: Enter = (_, given) => given,
  ): Exposures =>
    evaluate({ ...truth, ...entering, rules }, asked, (path, computed) => {
      onExpose(path)
      const value = upstream.found.get(path)
      // with another option a tensor may be of another shape than the runtime's, or of another kind
      if (value === undefined || !sameShape(shapeOf(value), shapeOf(read(truth, computed)))) return undefined
      const known = forced.get(path)
      const judged = upstream.judged(path)
      const same = judged === undefined || known?.computed === computed.x
      if (known?.given.kind === computed.kind && same) return enter(path, known.given)
      const given = goOnWith(truth, value, judged, computed)
      if (given === undefined) return undefined
      if (known === undefined) forced.set(path, { computed: computed.x, given })
      return enter(path, given)
    })

  const made: Omit<Call, 'shownIn'>[] = []
  const remember: OnCall = (step, operands, perform) => {
    const result = perform(truth.rules)
    made.push({ index: made.length, step, operands, result })
    return result
  }
  const exposed = run(traced(truth.rules, remember), question, (path) => {
    marks.push({ path, after: made.length })
  })
  for (const [name, value] of question.tensors) {
    names.set(inputs.get(value.kind === 'dense' ? value.tensor : value.mask), name)
  }
  for (const [path, { given }] of forced) names.set(given.x, path)
  const calls = made.map((call): Call =>
    Object.assign(call, { shownIn: marks.find(({ after }) => after > call.index)?.path ?? '' }),
  )

  const reached = reachesOf(calls, exposed, upstream, forced)
  return {
    question,
    calls,
    exposed,
    reach: ({ index }) => reached[index],
    nameOf: (operand) => names.get(operand),
    replay(alter, asked = question, enter) {
      let count = 0
      const recall: OnCall = (step, operands, perform) => {
        const call = calls.at(count++)
        if (call === undefined || call.step !== step) return perform(truth.rules)
        const usual = (s: Step, o: readonly unknown[]): Exposed<FullKinds> | undefined =>
          s === step && sameOperands(o, call.operands) ? call.result : undefined
        const other = alter(
          { ...call, operands },
          traced(truth.rules, (s, o, p) => usual(s, o) ?? p(truth.rules)),
        )
        return other === undefined ? (usual(step, operands) ?? perform(truth.rules)) : perform(other)
      }
      return run(traced(truth.rules, recall), asked, () => {}, enter)
    },
  }
}

/** The paths of the runtime's tensors that each call leads to; what is gone on with instead ends the way. */
function reachesOf(
  calls: readonly Call[],
  exposed: Exposures,
  { found }: Upstream,
  forced: ReadonlyMap<string, unknown>,
): ReadonlySet<string>[] {
  const ends = new Map<unknown, Set<string>>()
  const barred = new Set<unknown>()
  for (const [path, { x }] of exposed) {
    if (!found.has(path)) continue
    ends.set(x, new Set([...(ends.get(x) ?? []), path]))
    if (forced.has(path)) barred.add(x)
  }
  const reached = calls.map((): Set<string> => new Set())
  for (const { index, operands, result } of calls.toReversed()) {
    const to = new Set([...(ends.get(result.x) ?? []), ...(barred.has(result.x) ? [] : reached[index])])
    reached[index] = to
    for (const earlier of calls.slice(0, index)) {
      if (!operands.includes(earlier.result.x)) continue
      for (const path of to) reached[earlier.index].add(path)
    }
  }
  return reached
}

function shapeOf(value: Value): Shape {
  return value.kind === 'mask' ? value.mask.shape : value.tensor.shape
}

function sameOperands(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((operand, i) => Object.is(operand, b[i]))
}

/** What the runtime says where that means something, and elsewhere what was computed; nothing where it is not finite. */
function goOnWith(
  { dense, sparse, mask }: Evaluator<FullKinds>,
  value: Value,
  judged: Uint8Array | undefined,
  computed: Exposed<FullKinds>,
): Exposed<FullKinds> | undefined {
  if (value.kind === 'mask')
    return computed.kind === 'mask' ? { kind: 'mask', x: mask(value.mask) } : undefined
  const { data, shape } = value.tensor
  if (!data.every((x, i) => Number.isFinite(x) || judged?.[i] === 0)) return undefined
  const mixed = (ours: Tensor): Tensor =>
    judged === undefined
      ? value.tensor
      : tensor(
          Float64Array.from(data, (x, i) => (judged[i] === 1 ? x : ours.data[i])),
          shape,
        )
  if (computed.kind === 'dense') return { kind: 'dense', x: dense(mixed(computed.x)) }
  if (computed.kind === 'sparse') return { kind: 'sparse', x: sparse(mixed(computed.x.values)) }
  return undefined
}
