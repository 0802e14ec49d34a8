import type { Value } from '../../reference/evaluator.ts'
import { formatShape, sameShape, tensor } from '../../reference/tensor.ts'
import { belongs, formatCondition, type ExposedSpec } from '../catalogue/schema.ts'
import { shapeOf } from '../cases/match-shapes.ts'
import type { Question } from '../cases/question.ts'
import { real, wrongDtype, type Dtype, type RawTensor } from '../cases/raw-tensor.ts'
import { coordinates, maskOf } from '../cases/read-case.ts'

/** An `output.*` of a case as read: a value, or why it cannot be one. */
export type ReadOutput =
  | { readonly spec: ExposedSpec; readonly value: Value }
  | { readonly spec: ExposedSpec; readonly wrong: string }
  | { readonly spec: ExposedSpec; readonly unjudged: string }

/**
 * Reads an output as the equation means it.
 * @throws QuestionError where its dtype is none that outputs have
 */
export function readOutput(question: Question, name: string, raw: RawTensor): ReadOutput {
  const spec = question.equation.exposes[name]
  const { kind = 'dense', dims, needs, when } = spec
  const legal: readonly Dtype[] = kind === 'mask' ? ['U8', 'BOOL', 'F32'] : ['F32', 'F64']
  if (!legal.includes(raw.dtype)) throw wrongDtype(`output.${name}`, legal, raw.dtype)
  if (needs !== undefined && !question.tensors.has(`param.${needs}`)) {
    return { spec, unjudged: `does not come about without param.${needs}` }
  }
  if (when !== undefined && !belongs(spec, question.config)) {
    return { spec, unjudged: `does not come about without ${formatCondition(when)}` }
  }
  const shape = shapeOf(spec, question)
  const scalar = dims.length === 0 && sameShape(raw.shape, [1])
  if (!scalar && !sameShape(raw.shape, shape)) {
    return { spec, wrong: `shape ${formatShape(raw.shape)}, expected ${formatShape(shape)}` }
  }
  if (kind === 'dense') return { spec, value: { kind: 'dense', tensor: tensor(real(raw), shape) } }
  const { data, stray } = maskOf(raw)
  if (stray !== undefined) {
    return { spec, wrong: `${stray.value} at ${coordinates(stray.index, shape)}, expected 0 or 1` }
  }
  return { spec, value: { kind: 'mask', mask: { shape, data } } }
}
