import type { Value } from '../../reference/evaluator.ts'
import { formatShape, tensor as dense, type Shape } from '../../reference/tensor.ts'
import type { Equation, TensorSpec } from '../catalogue/schema.ts'
import { QuestionError } from '../errors.ts'
import { readConfig } from './config.ts'
import { checkNames, findEquation, knownTensors } from './names.ts'
import { buildQuestion, type Question } from './question.ts'
import { clip, real, wrongDtype, type Dtype, type RawTensor, type TensorFile } from './raw-tensor.ts'

export interface ReadOptions {
  /** Take NaN and infinities in inputs and params. */
  readonly allowNonFinite?: boolean
}

/** A case as read: the question, and the outputs the file carries, unjudged. */
export interface Case {
  readonly question: Question
  /** `NAME` of every `output.NAME`, as it lies in the file. */
  readonly outputs: ReadonlyMap<string, RawTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Reads a case out of a tensor file, checking everything the contract demands of a question. Outputs are only checked
 * by name: judging them is the verdict's business.
 * @throws QuestionError naming the tensor or key, for whatever cannot be asked
 */
export function readCase(file: TensorFile, { allowNonFinite = false }: ReadOptions = {}): Case {
  const equation = equationOf(file.metadata)
  checkNames(equation, file.tensors.keys())
  const asked = readConfig(equation, file.metadata.get('config'))

  const known = [...knownTensors(equation)]
  // dtypes of all before the values of any: a wrong dtype is the more basic mistake
  for (const [name, spec] of known) {
    const raw = file.tensors.get(name)
    if (raw !== undefined) checkDtype(name, spec, raw)
  }
  const tensors = new Map<string, Value>()
  for (const [name, spec] of known) {
    const raw = file.tensors.get(name)
    if (raw !== undefined) tensors.set(name, valueOf(name, spec, raw, allowNonFinite))
  }
  const outputs = new Map<string, RawTensor>()
  for (const [name, raw] of file.tensors) {
    if (name.startsWith('output.')) outputs.set(name.slice('output.'.length), raw)
  }
  return { question: buildQuestion(equation, tensors, asked), outputs, metadata: file.metadata }
}

function equationOf(metadata: ReadonlyMap<string, string>): Equation {
  const version = metadata.get('touchstone')
  if (version !== '1') {
    throw new QuestionError({
      tensor: 'touchstone',
      expected: 'metadata touchstone: "1"',
      found: version === undefined ? 'nothing' : JSON.stringify(clip(version)),
      hint: version === undefined ? 'is it a Touchstone case?' : 'this Touchstone reads no other format',
    })
  }
  const [equation, unit] = [metadata.get('equation'), metadata.get('unit')]
  if (equation !== undefined && unit !== undefined) {
    throw new QuestionError({ tensor: 'equation', expected: 'either equation or unit', found: 'both' })
  }
  if (unit !== undefined) {
    throw new QuestionError({
      tensor: 'unit',
      expected: 'an equation',
      found: `the unit ${JSON.stringify(clip(unit))}`,
      hint: 'units of the authors’ code cannot be asked yet',
    })
  }
  if (equation === undefined) {
    throw new QuestionError({ tensor: 'equation', expected: 'metadata equation', found: 'nothing' })
  }
  return findEquation(clip(equation))
}

function checkDtype(tensor: string, { kind = 'dense' }: TensorSpec, { dtype }: RawTensor): void {
  const legal: readonly Dtype[] = kind === 'mask' ? ['U8', 'BOOL', 'F32'] : ['F32']
  if (!legal.includes(dtype)) throw wrongDtype(tensor, legal, dtype)
}

function valueOf(
  tensor: string,
  { kind = 'dense' }: TensorSpec,
  raw: RawTensor,
  allowNonFinite: boolean,
): Value {
  if (kind === 'mask') {
    const { data, stray } = maskOf(raw)
    if (stray !== undefined) {
      throw new QuestionError({
        tensor,
        expected: 'a mask of 0 and 1',
        found: `${stray.value} at ${coordinates(stray.index, raw.shape)}`,
      })
    }
    return { kind: 'mask', mask: { shape: raw.shape, data } }
  }
  const data = real(raw, tensor)
  const bad = allowNonFinite ? -1 : data.findIndex((value) => !Number.isFinite(value))
  if (bad !== -1) {
    throw new QuestionError({
      tensor,
      expected: 'finite values',
      found: `${data[bad]} at ${coordinates(bad, raw.shape)}`,
      hint: '--allow-non-finite takes them',
    })
  }
  return { kind: 'dense', tensor: dense(data, raw.shape) }
}

/** A mask's entries as bytes of 0 and 1, and the first that is neither. */
export function maskOf(raw: RawTensor): {
  data: Uint8Array
  stray: { readonly index: number; readonly value: number } | undefined
} {
  const entries = raw.dtype === 'F32' || raw.dtype === 'F64' ? real(raw) : raw.bytes
  const index = entries.findIndex((value) => value !== 0 && value !== 1)
  return {
    data: Uint8Array.from(entries),
    stray: index === -1 ? undefined : { index, value: entries[index] },
  }
}

/** The coordinates of a flat index. */
export function placeOf(index: number, shape: Shape): number[] {
  const place: number[] = []
  let rest = index
  for (const extent of shape.toReversed()) {
    place.unshift(rest % extent)
    rest = Math.floor(rest / extent)
  }
  return place
}

/** The coordinates of a flat index as people write them: `[0, 3, 17]`. */
export function coordinates(index: number, shape: Shape): string {
  return formatShape(placeOf(index, shape))
}
