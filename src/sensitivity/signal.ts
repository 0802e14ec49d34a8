import type { Value } from '../../reference/evaluator.ts'
import { tensor } from '../../reference/tensor.ts'
import { evaluate } from '../arithmetics/evaluate.ts'
import type { Exposed, Given } from '../arithmetics/recording.ts'
import { judgedAt } from '../cases/judged-at.ts'
import type { Question } from '../cases/question.ts'
import { noise } from '../verdict/noise/arithmetic.ts'
import { carriedVariance, fill, type Noisy, type NoisyKinds } from '../verdict/noise/noise.ts'
import { LARGEST, SMALLEST_NORMAL } from '../verdict/profile/accuracy.ts'
import { shown, type Answer, type Exposure } from './play.ts'

/** The equation's truth with the variance s² of legal noise, from the inputs; computed once per question. */
export type Truth = ReadonlyMap<string, Exposed<NoisyKinds>>

/** {@link Truth} of a question. */
export function truthOf(question: Question): Truth {
  return evaluate(noise, question)
}

/**
 * How loud a bug is in what a runtime shows: the largest ‖(bug − truth)/s‖ over the tensors shown, `bug` being the equation with the bug in
 * float64, from the inputs (outputs) and from the bug's own upstream. Below about 6 nobody can tell it from noise.
 */
export function signal(question: Question, truth: Truth, bug: Answer, exposure: Exposure): number {
  const visible = shown(question, bug, exposure)
  const forced = forcedBy(question, visible)
  let loudest = 0
  for (const [name, found] of visible) {
    const kept = judgedAt(question, name)
    loudest = Math.max(loudest, loudness(forced.get(name), found, kept))
    const output = question.equation.exposes[name]?.output === true
    if (output) loudest = Math.max(loudest, loudness(truth.get(name), found, kept))
  }
  return loudest
}

/** Truth with the variance of legal noise where the equation goes on with a runtime's own tensors, taken as they are. */
function forcedBy(question: Question, visible: Answer): Truth {
  return evaluate(
    noise,
    question,
    upstream(question, visible, (theirs) => theirs),
  )
}

/** The same where it goes on, as in wider registers, with what rounds to the runtime's tensors: what the judge takes for legal. */
export function carriedOnFrom(question: Question, visible: Answer): Truth {
  const carried = <N extends Noisy>(theirs: N, computed: Noisy): N => ({
    ...theirs,
    s2: fill(theirs.v.shape, (i) => (computed.s2.data[i] === 0 ? 0 : carriedVariance(theirs.v.data[i]))),
  })
  return evaluate(noise, question, upstream(question, visible, carried))
}

function upstream(
  question: Question,
  visible: Answer,
  goingOn: <N extends Noisy>(theirs: N, computed: Noisy) => N,
): Given<NoisyKinds> {
  return (path, computed) => {
    const value = visible.get(path)
    if (value === undefined) return undefined
    if (value.kind === 'mask') {
      return computed.kind === 'mask' ? { kind: 'mask', x: noise.mask(value.mask) } : undefined
    }
    if (computed.kind === 'mask' || !value.tensor.data.every(Number.isFinite)) return undefined
    const kept = judgedAt(question, path)
    const data = Float64Array.from(value.tensor.data, (x, i) =>
      kept === undefined || kept[i] === 1 ? x : computed.x.v.data[i],
    )
    const x = tensor(data, computed.x.v.shape)
    if (computed.kind === 'sparse') return { kind: 'sparse', x: goingOn(noise.sparse(x), computed.x) }
    return { kind: 'dense', x: goingOn(noise.dense(x), computed.x) }
  }
}

function loudness(truth: Exposed<NoisyKinds> | undefined, bug: Value, kept?: Uint8Array): number {
  if (truth === undefined) return 0
  if (truth.kind === 'mask') {
    if (bug.kind !== 'mask') return Infinity
    const { data, open } = truth.x
    return bug.mask.data.some((byte, i) => byte !== data[i] && open?.[i] !== 1) ? Infinity : 0
  }
  if (bug.kind === 'mask' || bug.tensor.size !== truth.x.v.size) return Infinity
  let squares = 0
  for (let i = 0; i < bug.tensor.size; i++) {
    if (kept?.[i] === 0) continue
    const [v, s2] = [truth.x.v.data[i], truth.x.s2.data[i]]
    if (!(Math.abs(v) <= LARGEST && s2 < Infinity)) continue
    const difference = bug.tensor.data[i] - v
    if (Number.isNaN(difference)) return Infinity
    const beyond = Math.abs(difference) - SMALLEST_NORMAL
    // float64 has roundings of its own, some 2⁻²⁹ of s
    if (beyond > 0) squares += s2 === 0 ? (beyond > Math.abs(v) * 2 ** -48 ? Infinity : 0) : beyond ** 2 / s2
  }
  return Math.sqrt(squares)
}
