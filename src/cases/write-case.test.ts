import { describe, expect, test } from 'vitest'
import type { Value } from '../../reference/evaluator.ts'
import { tensor } from '../../reference/tensor.ts'
import { catalogue } from '../catalogue/index.ts'
import { sample } from '../catalogue/sample.ts'
import { QuestionError } from '../errors.ts'
import { findEquation } from './names.ts'
import { buildQuestion } from './question.ts'
import { fromU8, real, type TensorFile } from './raw-tensor.ts'
import { readCase } from './read-case.ts'
import { decode, encode } from './safetensors.ts'
import { withOutputs, writeCase } from './write-case.ts'

/** A value without what the array type hangs on it. */
const plain = (value: Value | undefined): unknown =>
  value?.kind === 'dense' ? ['dense', value.tensor.shape, value.tensor.data] : value

const dense = (data: Float32Array | Float64Array): Value => ({
  kind: 'dense',
  tensor: tensor(data, [data.length]),
})
const bits = (...data: number[]): Value => ({
  kind: 'mask',
  mask: { shape: [data.length], data: Uint8Array.from(data) },
})

describe('what is written is read:', () => {
  test.each(catalogue.map((equation) => [equation.id, equation] as const))('%s', (_, equation) => {
    for (const seed of [1, 2, 3]) {
      const asked = sample(equation, seed, { largest: 3 })
      const { question, outputs, metadata } = readCase(decode(encode(writeCase(asked))))
      expect(question.equation).toBe(equation)
      expect([...question.tensors.keys()].toSorted()).toEqual([...asked.tensors.keys()].toSorted())
      for (const [name, value] of asked.tensors)
        expect(plain(question.tensors.get(name)), name).toEqual(plain(value))
      expect([question.asked, question.config]).toEqual([asked.asked, asked.config])
      expect([question.lead, question.sizes]).toEqual([asked.lead, asked.sizes])
      expect(outputs.size).toBe(0)
      expect([...metadata.keys()].toSorted()).toEqual(['config', 'equation', 'touchstone'])
    }
  })
})

const question = sample(findEquation('sparsifiner/eq3'), 1, { config: { budget: 2 } })

test('metadata and outputs go along, outputs by their names alone', () => {
  const scores = dense(Float64Array.of(0.1, -2))
  const written = writeCase(question, new Map([['note', 'n']]), new Map([['scores', scores], ['M', bits(0, 1)]])) // prettier-ignore
  const { outputs, metadata } = readCase(decode(encode(written)))
  expect(metadata.get('note')).toBe('n')
  expect(metadata.get('config')).toBe('{"budget":2}')
  expect([...outputs.keys()].toSorted()).toEqual(['M', 'scores'])
  const [M, found] = [outputs.get('M'), outputs.get('scores')]
  expect(M).toEqual(fromU8(Uint8Array.of(0, 1), [2]))
  expect(found && [found.dtype, real(found)]).toEqual(['F64', Float64Array.of(0.1, -2)])
})

test('other outputs take the place of all that were there; the rest stays as it was', () => {
  const before: TensorFile = {
    metadata: new Map([['a', 'b']]),
    tensors: new Map([
      ['input.A_tilde', fromU8(Uint8Array.of(7), [1])],
      ['output.scores', fromU8(Uint8Array.of(1), [1])],
      ['output.M', fromU8(Uint8Array.of(2), [1])],
    ]),
  }
  const { metadata, tensors } = withOutputs(before, new Map([['M', bits(1, 0, 1)]]))
  expect(metadata).toBe(before.metadata)
  expect([...tensors.keys()]).toEqual(['input.A_tilde', 'output.M'])
  expect(tensors.get('input.A_tilde')).toBe(before.tensors.get('input.A_tilde'))
  expect(tensors.get('output.M')).toEqual(fromU8(Uint8Array.of(1, 0, 1), [3]))
})

test('a tensor of another choice is refused, and which choice it belongs to said', () => {
  const eq5 = sample(findEquation('stvit/stgm'), 1, { config: { pooling: 'eq5', heads: 1, ws: 1 } })
  const asked = (): unknown => buildQuestion(eq5.equation, eq5.tensors, { pooling: 'max', heads: 1, ws: 1 })
  expect(asked).toThrow(QuestionError)
  expect(asked).toThrow(
    'param.pooling.intra.dw.weight: expected this tensor with pooling "eq5" only, found it with another',
  )
})
