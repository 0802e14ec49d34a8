import type { Shape } from '../../../reference/tensor.ts'
import type { Exposed } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'
import { arrangementOf, type Arranged } from '../arrangement/index.ts'
import type { BoundedKinds } from '../bounded/bounded.ts'
import type { OutputJudgement } from '../judgement.ts'
import type { ReadOutput } from '../outputs.ts'
import { PROVED_SHARE } from './compare-dense.ts'
import type { Meaning } from './meaning.ts'

type Exposures = ReadonlyMap<string, Exposed<BoundedKinds>>

interface Evaluations {
  readonly question: Question
  readonly read: ReadonlyMap<string, ReadOutput>
  /** From the inputs, and on the runtime's own upstream. */
  readonly free: Exposures
  readonly forced: Exposures
  readonly isFloat32: boolean
  readonly meaningful: (output: ReadOutput) => Meaning | undefined
}

/** Deviations of noise beyond which an element is off where nothing can be proved of it. */
const GROSS = 30

/** A judgement of a tensor that a proof fails, with what the tensor is instead, if it is more than wrong numbers. */
export function arranged(judgement: OutputJudgement, evaluations: Evaluations): OutputJudgement {
  const { name, fromUpstream, fromInputs } = judgement
  const { question, read, free, forced, meaningful } = evaluations
  const output = read.get(name)
  if (judgement.verdict !== 'fail' || output === undefined || !('value' in output)) return judgement
  if (meaningful(output) !== undefined) return judgement
  const wrong = [
    ...(fromUpstream?.verdict === 'fail' ? [forced] : []),
    ...(fromInputs?.verdict === 'fail' ? [free] : []),
  ]
  const truths = wrong.flatMap((exposures) => exposures.get(name) ?? [])
  if (truths.length === 0) return judgement
  const shape = output.value.kind === 'mask' ? output.value.mask.shape : output.value.tensor.shape
  const found = output.value.kind === 'mask' ? output.value.mask.data : output.value.tensor.data
  const arrangement = arrangementOf({
    shape,
    axes: axesOf(shape, output.spec.dims),
    found,
    isMask: output.value.kind === 'mask',
    isFloat32: evaluations.isFloat32,
    expected: truths.map(numbersOf),
    ...errorsIn(found, truths[0]),
    others: othersOf(name, shape, question, free),
  })
  return arrangement === undefined ? judgement : { ...judgement, arrangement }
}

/** A name of each axis: its symbol, and of leading ones `batch`, numbered where there are several. */
function axesOf(shape: Shape, dims: readonly string[]): string[] {
  const symbols = dims.filter((symbol) => symbol !== '..')
  const leading = shape.length - symbols.length
  const batch = Array.from({ length: leading }, (_, i) => (leading === 1 ? 'batch' : `batch axis ${i}`))
  return [...batch, ...symbols]
}

function numbersOf(truth: Exposed<BoundedKinds>): ArrayLike<number> {
  return truth.kind === 'mask' ? truth.x.data : truth.x.v.data
}

function errorsIn(
  found: ArrayLike<number>,
  truth: Exposed<BoundedKinds>,
): Pick<Arranged, 'isOff' | 'deviations'> {
  if (truth.kind === 'mask') {
    const { data } = truth.x
    return { isOff: (i) => found[i] !== data[i], deviations: () => 0 }
  }
  const [v, b, s2] = [truth.x.v.data, truth.x.b.data, truth.x.s2.data]
  const deviations = (i: number): number => {
    const error = found[i] - v[i]
    return error === 0 ? 0 : error / Math.sqrt(s2[i])
  }
  return {
    deviations,
    isOff: (i) =>
      !(Math.abs(found[i] - v[i]) <= PROVED_SHARE * b[i]) ||
      (b[i] === Infinity && Math.abs(deviations(i)) > GROSS),
  }
}

/** The other tensors of a case of the same shape. */
function othersOf(
  name: string,
  shape: Shape,
  { tensors }: Question,
  free: Exposures,
): ReadonlyMap<string, ArrayLike<number>> {
  const isAlike = (other: Shape): boolean => other.join() === shape.join()
  const others = new Map<string, ArrayLike<number>>()
  for (const [path, truth] of free) {
    const of = truth.kind === 'mask' ? truth.x.shape : truth.x.v.shape
    if (path !== name && isAlike(of)) others.set(`what ${path} should be`, numbersOf(truth))
  }
  for (const [path, value] of tensors) {
    if (value.kind === 'dense' && isAlike(value.tensor.shape)) others.set(path, value.tensor.data)
  }
  return others
}
