import type { MaskArray, Value } from '../../reference/evaluator.ts'
import type { Tensor } from '../../reference/tensor.ts'
import type { Config } from '../catalogue/schema.ts'
import { findEquation } from '../cases/names.ts'
import { buildQuestion, type Question } from '../cases/question.ts'

/** The dense tensor of a question, by `input.NAME` or `param.NAME`. */
export function tensorOf({ tensors, equation }: Question, name: string): Tensor {
  const value = tensors.get(name)
  if (value?.kind !== 'dense') throw new TypeError(`${equation.id} has no dense ${name} here`)
  return value.tensor
}

/** The mask of a question, by `input.NAME`. */
export function maskOf({ tensors, equation }: Question, name: string): MaskArray {
  const value = tensors.get(name)
  if (value?.kind !== 'mask') throw new TypeError(`${equation.id} has no mask ${name} here`)
  return value.mask
}

/** The same question with some tensors and config keys changed or added; shapes may change with them. */
export function changed(
  { equation, tensors, asked }: Question,
  changes: Readonly<Record<string, Tensor | MaskArray>>,
  config: Config = {},
): Question {
  return ask(equation.id, { ...Object.fromEntries(tensors), ...valuesOf(changes) }, { ...asked, ...config })
}

/** The same question with `change` made to those of `names` that it has. */
export function withEach(
  question: Question,
  names: readonly string[],
  change: (x: Tensor, name: string) => Tensor,
): Question {
  const there = names.filter((name) => question.tensors.has(name))
  return changed(
    question,
    Object.fromEntries(there.map((name) => [name, change(tensorOf(question, name), name)])),
  )
}

/** A question put together by hand. */
export function ask(id: string, tensors: Readonly<Record<string, Value>>, config: Config): Question {
  return buildQuestion(findEquation(id), new Map(Object.entries(tensors)), config)
}

/** Tensors and masks as values. */
export function valuesOf(tensors: Readonly<Record<string, Tensor | MaskArray>>): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const [name, x] of Object.entries(tensors)) {
    values[name] = 'stride' in x ? { kind: 'dense', tensor: x } : { kind: 'mask', mask: x }
  }
  return values
}
