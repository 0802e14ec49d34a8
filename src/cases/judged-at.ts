import type { Value } from '../../reference/evaluator.ts'
import type { Question } from './question.ts'

/**
 * The mask outside which a tensor's values mean nothing, if it has one: `logits` of Sparsifiner's Eq. (4) where M = 0.
 * @param values tensors by name, before those of the question
 */
export function judgedAt(
  { equation, tensors }: Question,
  name: string,
  values: ReadonlyMap<string, Value> = new Map(),
): Uint8Array | undefined {
  const { judgedAt: by = '' } = equation.exposes[name] ?? {}
  const mask = values.get(by) ?? tensors.get(`input.${by}`)
  return mask?.kind === 'mask' ? mask.mask.data : undefined
}
