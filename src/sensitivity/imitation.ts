import { tensor } from '../../reference/tensor.ts'
import { judgedAt } from '../cases/judged-at.ts'
import type { Question } from '../cases/question.ts'
import { energy } from '../verdict/directions/fit.ts'
import { deviationsOf, fieldOf, type Field } from '../verdict/directions/field.ts'
import { leaningsOf } from '../verdict/directions/leanings.ts'
import { record, type Tape, type Upstream } from '../verdict/directions/tape.ts'
import { nearestShares } from './nearest-shares.ts'
import { shown, type Answer, type Exposure } from './play.ts'
import { carriedOnFrom, type Truth } from './signal.ts'

/**
 * How far a bug is from the nearest runtime that is none: the largest ‖(bug − legal)/s‖ over the tensors shown, `legal`
 * being the equation in float64 but for exp, rsqrt and log. Each call of these errs by a function of its argument that
 * is within what the profile allows at every value, of those that `leanings.ts` knows: 2 ULP of an rsqrt, 2|x| and 1 of
 * exp(x), the same way everywhere; shares of them are fitted, whose effects add to first order. It goes on from what
 * rounds to the tensors shown, as wider registers do. Below about 6 the bug and that runtime cannot be told apart. That
 * the least is found is not certain: it may be less.
 */
export function beyondLegal(question: Question, truth: Truth, bug: Answer, exposure: Exposure): number {
  const visible = shown(question, bug, exposure)
  const outputs = shown(question, bug, 'outputs')
  const views = [
    viewOf(question, carriedOnFrom(question, visible), visible, visible),
    // as the signal does: what an output is off from the inputs on, and what it is off by itself
    ...(visible.size > 1 ? [viewOf(question, truth, outputs, new Map())] : []),
  ]
  // the text is the same in all views, and so are its calls
  const perView = views.map(effectsOf)
  const effects = perView[0].map((_, i) => joined(perView.map((own) => own[i])))
  const left = nearestShares(joined(views.map(({ field }) => field.z)), effects)
  let furthest = 0
  let offset = 0
  for (const { field } of views) {
    for (const { start, index } of field.noisy) {
      const from = offset + start
      furthest = Math.max(furthest, energy(left.subarray(from, from + index.length)))
    }
    offset += field.size
  }
  return Math.sqrt(furthest)
}

/** What of a bug's answer is looked at, and the evaluation that it is held against. */
interface View {
  readonly tape: Tape
  readonly field: Field
}

function viewOf(question: Question, truth: Truth, found: Answer, forced: Upstream['found']): View {
  const judged = (path: string): Uint8Array | undefined => judgedAt(question, path)
  const tape = record(question, { found: forced, judged })
  const field = fieldOf(found, tape.exposed, (path) => {
    const known = truth.get(path)
    if (known === undefined || known.kind === 'mask') return undefined
    const { v, s2 } = known.x
    return { v, s: tensor(Float64Array.from(s2.data, Math.sqrt), s2.shape), judged: judged(path) }
  })
  return { tape, field }
}

/** What calls that surely may lean do to all that is looked at, way by way; nothing where that is not finite. */
function effectsOf({ tape, field }: View): Float64Array[] {
  return leaningsOf(tape.calls)
    .flatMap(({ ways }) => ways)
    .filter(({ sure }) => sure > 0)
    .map(({ alter, sure }) => {
      const effect = deviationsOf(field, tape.exposed, tape.replay(alter)) ?? new Float64Array(field.size)
      return effect.map((value) => sure * value)
    })
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let start = 0
  for (const part of parts) {
    all.set(part, start)
    start += part.length
  }
  return all
}
