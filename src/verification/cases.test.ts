import { expect, test } from 'vitest'
import type { Value } from '../../reference/evaluator.ts'
import { tensor } from '../../reference/tensor.ts'
import { arithmeticNamed, type Answerer } from '../arithmetics/index.ts'
import { probesFor } from '../catalogue/probes/index.ts'
import { findEquation } from '../cases/names.ts'
import { judgeAnswer, probed } from './cases.ts'

const equation = findEquation('stvit/eq3')
const reference = arithmeticNamed('float32')

/** The reference with one element of one tensor moved to the next float32, which no statistics notice. */
const offByOne: Answerer = {
  ...reference,
  answer(question) {
    const answer = new Map<string, Value>(reference.answer(question))
    const k = answer.get('k')
    if (k?.kind !== 'dense') throw new Error('k is dense')
    const data = Float32Array.from(k.tensor.data)
    const largest = data.reduce((most, x, i) => (x > data[most] ? i : most), 0)
    data[largest] *= 1 + 2 ** -23
    return answer.set('k', { kind: 'dense', tensor: tensor(data, k.tensor.shape) })
  },
}

test('every probe that applies is tried once, and the reference holds', () => {
  const results = [...probed(equation, 1)].map((posed) => judgeAnswer(reference, posed))
  expect(results.map(({ probe }) => probe)).toEqual(probesFor(equation).map(({ name }) => name))
  expect(results.map(({ probe }) => probe)).toContain('integers')
  expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['pass']))
})

test('what every order of summing gives exactly must be exact', () => {
  const results = [...probed(equation, 1)].map((posed) => judgeAnswer(offByOne, posed))
  const wrong = results.filter(({ verdict }) => verdict === 'fail')
  expect(wrong.map(({ probe }) => probe)).toEqual(['integers'])
  expect(wrong[0].outputs.filter(({ verdict }) => verdict === 'fail')).toMatchObject([
    { name: 'k', reason: 'not exact, though it is in any order of summing' },
  ])
})
