import type { Value } from '../reference/evaluator.ts'
import { tensor } from '../reference/tensor.ts'
import { buildQuestion, type Question } from '../src/cases/question.ts'

/** A question with every input times `factor`. */
export function scaledInputs({ equation, tensors, asked }: Question, factor: number): Question {
  const changed = [...tensors].map(([name, value]): [string, Value] => {
    if (value.kind === 'mask' || !name.startsWith('input.')) return [name, value]
    const { data, shape } = value.tensor
    const times = Float32Array.from(data, (x) => x * factor)
    return [name, { kind: 'dense', tensor: tensor(times, shape) }]
  })
  return buildQuestion(equation, new Map(changed), asked)
}
