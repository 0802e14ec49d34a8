import { tensor } from '../../reference/tensor.ts'
import type { Question } from '../cases/question.ts'
import { energy } from '../verdict/directions/fit.ts'
import { deviationsOf, fieldOf, type Field } from '../verdict/directions/field.ts'
import { leaningsOf } from '../verdict/directions/leanings.ts'
import { record, type Tape, type Upstream } from '../verdict/directions/tape.ts'
import { nearestShares, type Takeable } from './nearest-shares.ts'
import { shown, type Answer, type Exposure } from './play.ts'
import { forcedBy, judgedAt, type Truth } from './signal.ts'

/**
 * How far a bug is from the nearest runtime that is none: the largest ‖(bug − legal)/s‖ over the tensors shown, `legal` being the equation in
 * float64 but for exp, rsqrt, log and constants, each of whose calls errs by a share of what the profile allows it, chosen to come near.
 * The shares add their effects, to first order. Below about 6 nobody can tell the bug from that runtime, both of which round besides: who
 * calls one wrong calls the other wrong. The least is looked for call by call, so that what is found is an upper bound of it.
 */
export function beyondLegal(question: Question, truth: Truth, bug: Answer, exposure: Exposure): number {
  const visible = shown(question, bug, exposure)
  const outputs = shown(question, bug, 'outputs')
  const views = [
    viewOf(question, forcedBy(question, visible), visible, visible),
    // as the signal does: what an output is off from the inputs on, and what it is off by itself
    ...(visible.size > 1 ? [viewOf(question, truth, outputs, new Map())] : []),
  ]
  // the text is the same in all views, and so are its calls
  const perView = views.map(effectsOf)
  const ways = perView[0].map(({ allowance, part }, i) => ({
    allowance,
    part,
    effect: joined(perView.map((effects) => effects[i].effect)),
  }))
  const left = nearestShares(joined(views.map(({ field }) => field.z)), ways)
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

/**
 * Of what leanings take, how much every value is allowed. They take a ULP for 2⁻²³ of a value, as a judge must that lets all pass that may be legal; of a value just below a power
 * of two it is half of that. And they take 2⁻²¹ of a logarithm where just outside [½, 2] it is 3 ULP of ln 2.
 */
const SURE = { ulp: 1 / 2, log: (3 * 2 ** -24) / 2 ** -21 }

/** What each way in which a call surely may lean does to all that is looked at; nothing where that is not finite. */
function effectsOf({ tape, field }: View): Takeable[] {
  return leaningsOf(tape.calls)
    .flatMap(({ ways }) => ways)
    .map(({ alter, allowance, part }) => {
      const sure = allowance.startsWith('log') ? SURE.log : SURE.ulp
      const effect = deviationsOf(field, tape.exposed, tape.replay(alter)) ?? new Float64Array(field.size)
      return { allowance, part, effect: effect.map((value) => sure * value) }
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
