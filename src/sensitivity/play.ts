import type { Evaluator, Value } from '../../reference/evaluator.ts'
import type { FullKinds } from '../../reference/float32/index.ts'
import { evaluate } from '../arithmetics/evaluate.ts'
import { read } from '../arithmetics/recording.ts'
import type { SimulatedEvaluator } from '../arithmetics/simulated/index.ts'
import type { Question } from '../cases/question.ts'

/** Every tensor that a runtime exposes of a question, by name. */
export type Answer = ReadonlyMap<string, Value>

/** What a runtime shows: the equation's own outputs, or its intermediates too. */
export const EXPOSURES = ['outputs', 'intermediates'] as const
export type Exposure = (typeof EXPOSURES)[number]

/** What plays an equation; it may say what of the text it never holds. */
export type Runtime = Evaluator<FullKinds> & Partial<Pick<SimulatedEvaluator, 'unseen'>>

/** The runtime's answer to a question: what it holds. */
export function play(runtime: Runtime, question: Question): Answer {
  const exposed = [...evaluate(runtime, question)]
  const held = exposed.filter(([, { kind, x }]) => kind !== 'dense' || runtime.unseen?.(x) !== true)
  return new Map(held.map(([name, x]) => [name, read(runtime, x)]))
}

/** The part of an answer that an exposure shows. */
export function shown(question: Question, answer: Answer, exposure: Exposure): Answer {
  if (exposure === 'intermediates') return answer
  const { exposes } = question.equation
  return new Map([...answer].filter(([name]) => exposes[name]?.output === true))
}
