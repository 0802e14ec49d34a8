import { float32Dense, type FullKinds } from '../../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import type { Exposed } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'
import { traced, type Step } from '../directions/traced.ts'

const SOFTMAXES: readonly Step[] = ['softmax', 'maskedSoftmax']

/**
 * The exposed tensors that some softmax leads to with none of `given` in between: those of which more or less is legal
 * where a profile says more or less of softmax. Values do not matter, so any arithmetic finds them.
 * @param given whether the equation goes on with a tensor of the runtime there
 */
export function behindSoftmax(question: Question, given: (path: string) => boolean): ReadonlySet<string> {
  const behind = new Set<unknown>()
  const names = new Set<string>()
  const reference = float32Dense()
  const rules = traced(reference.rules, (step, operands, perform) => {
    const result = perform(reference.rules)
    if (SOFTMAXES.includes(step) || operands.some((operand) => behind.has(operand))) behind.add(result.x)
    return result
  })
  evaluate({ ...reference, rules }, question, (path, computed) => {
    if (behind.has(computed.x)) names.add(path)
    return given(path) ? another(computed) : undefined
  })
  return names
}

/** The same values, of another identity: nothing leads to them. */
function another(exposed: Exposed<FullKinds>): Exposed<FullKinds> {
  const copy = ({ data, shape }: Tensor): Tensor => tensor(data, shape)
  switch (exposed.kind) {
    case 'dense':
      return { kind: 'dense', x: copy(exposed.x) }
    case 'sparse':
      return { kind: 'sparse', x: { ...exposed.x, values: copy(exposed.x.values) } }
    case 'mask':
      return { kind: 'mask', x: { ...exposed.x } }
  }
}
