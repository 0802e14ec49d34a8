import type { Kinds } from '../../reference/arithmetic.ts'
import type { Intake } from '../../reference/evaluator.ts'
import { ask } from '../catalogue/ask.ts'
import type { Question } from '../cases/question.ts'
import { recording, type Exposed, type Given } from './recording.ts'

/**
 * Evaluates a question's equation in an arithmetic.
 * @param given tensors to go on with in place of computed ones, by path (teacher forcing)
 * @returns everything the equation exposed, in order of computing, still in the arithmetic's own kinds
 */
export function evaluate<K extends Kinds>(
  evaluator: Intake<K>,
  { equation, tensors, config }: Question,
  given?: Given<K>,
): ReadonlyMap<string, Exposed<K>> {
  const dense = new Map<string, K['Dense']>()
  const masks = new Map<string, K['Mask']>()
  for (const [name, value] of tensors) {
    if (value.kind === 'dense') dense.set(name, evaluator.dense(value.tensor))
    else masks.set(name, evaluator.mask(value.mask))
  }
  const { rules, exposed } = recording(evaluator, given)
  equation.evaluate(rules, ask<K>(dense, masks, config))
  return exposed
}
