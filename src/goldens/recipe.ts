import type { Value } from '../../reference/evaluator.ts'
import { tensor, type Shape, type Tensor } from '../../reference/tensor.ts'
import { sample, type SampleOptions } from '../catalogue/sample.ts'
import { findEquation } from '../cases/names.ts'
import { buildQuestion, type Question } from '../cases/question.ts'

/** One golden case: which question, and why it is there. */
export interface Recipe {
  /** The equation. */
  readonly id: string
  /** Unique within the equation: `one-token`. */
  readonly name: string
  /** What a runtime may get wrong here. */
  readonly why: string
  question(): Question
}

/** The seed of every drawn golden; the recipe's own name keeps them apart. */
export const SEED = 20_260

/** What a recipe changes in a drawn question, by `input.NAME` and `param.NAME`. */
type Changes = (tensorOf: (name: string) => Tensor) => Readonly<Record<string, Tensor | Value>>

/** A recipe that draws its question, then changes some tensors. */
export function drawn(
  id: string,
  name: string,
  why: string,
  options: SampleOptions,
  changes?: Changes,
): Recipe {
  return {
    id,
    name,
    why,
    question() {
      const question = sample(findEquation(id), `${SEED} ${name}`, options)
      if (changes === undefined) return question
      const changed = changes((tensorName) => denseOf(question, tensorName))
      const tensors = new Map([
        ...question.tensors,
        ...Object.entries(changed).map(([key, x]) => [key, valueOf(x)] as const),
      ])
      return buildQuestion(question.equation, tensors, question.asked)
    },
  }
}

function denseOf({ equation, tensors }: Question, name: string): Tensor {
  const value = tensors.get(name)
  if (value?.kind !== 'dense')
    throw new TypeError(`a golden of ${equation.id} changes ${name}, which is not there`)
  return value.tensor
}

function valueOf(x: Tensor | Value): Value {
  return 'kind' in x ? x : { kind: 'dense', tensor: x }
}

/** A tensor written out. */
export function dense(shape: Shape, values: readonly number[]): Tensor {
  return tensor(Float32Array.from(values), shape)
}

/** A mask written out. */
export function mask(shape: Shape, values: readonly number[]): Value {
  return { kind: 'mask', mask: { shape, data: Uint8Array.from(values) } }
}

/** Every element times `factor`, rounded to float32. */
export function times(x: Tensor, factor: number): Tensor {
  return tensor(
    Float32Array.from(x.data, (value) => value * factor),
    x.shape,
  )
}

/** The same shape, other values. */
export function filled(x: Tensor, value: (index: number) => number): Tensor {
  return tensor(
    Float32Array.from(x.data, (_, index) => value(index)),
    x.shape,
  )
}

/** Every optional param there, or none. */
export const all = (): boolean => true
export const none = (): boolean => false
