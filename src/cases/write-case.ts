import type { Value } from '../../reference/evaluator.ts'
import type { Question } from './question.ts'
import { fromReal, fromU8, type RawTensor, type TensorFile } from './raw-tensor.ts'

/** A tensor as a case carries it: reals as F32 or F64 by their storage, masks as U8. */
export function rawOf(value: Value): RawTensor {
  return value.kind === 'dense'
    ? fromReal(value.tensor.data, value.tensor.shape)
    : fromU8(value.mask.data, value.mask.shape)
}

/**
 * The question as a case file, with outputs if given.
 * @param metadata free entries such as `source`, `seed`, `note`; none unless given
 */
export function writeCase(
  { equation, tensors, asked }: Question,
  metadata: ReadonlyMap<string, string> = new Map(),
  outputs: ReadonlyMap<string, Value> = new Map(),
): TensorFile {
  const raw = new Map<string, RawTensor>()
  for (const [name, value] of tensors) raw.set(name, rawOf(value))
  for (const [name, value] of outputs) raw.set(`output.${name}`, rawOf(value))
  const all = new Map([
    ['touchstone', '1'],
    ['equation', equation.id],
    ['config', JSON.stringify(asked)],
    ...metadata,
  ])
  return { metadata: all, tensors: raw }
}

/**
 * The same file with `outputs` in it: tensors of the question and metadata stay as they are, byte for byte; outputs of
 * the same name are overwritten, others that it had are dropped, so that no two runtimes mix in one file.
 */
export function withOutputs(file: TensorFile, outputs: ReadonlyMap<string, Value>): TensorFile {
  const raw = new Map([...file.tensors].filter(([name]) => !name.startsWith('output.')))
  for (const [name, value] of outputs) raw.set(`output.${name}`, rawOf(value))
  return { metadata: file.metadata, tensors: raw }
}
