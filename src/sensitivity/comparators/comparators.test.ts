import { expect, test } from 'vitest'
import { tensor } from '../../../reference/tensor.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { runtime } from '../legal/arithmetic.ts'
import { plain } from '../legal/choices.ts'
import { play, shown } from '../play.ts'
import { float64 } from '../../arithmetics/float64.ts'
import { comparators, termSums, type Compared } from './index.ts'

const question = sample(findEquation('sparsifiner/eq6'), 3, { sizes: { n: 30, d: 4 }, lead: [] })
const truth = shown(question, play(float64(), question), 'outputs')
const other = shown(question, play(runtime('plain', plain), question), 'outputs')

function compared(change: (x: number, i: number) => number): Compared {
  const value = other.get('X_next')
  if (value?.kind !== 'dense') throw new TypeError('X_next is dense')
  const data = Float32Array.from(value.tensor.data, change)
  const found = new Map([['X_next', { kind: 'dense', tensor: tensor(data, value.tensor.shape) } as const]])
  return { question, found, truth, plain: other, scales: () => termSums(question) }
}

const redOn = (given: Compared): string[] =>
  comparators.filter(({ alarmed }) => alarmed(given) === true).map(({ id }) => id)

test('a plain float32 runtime passes all that stand on what float32 can do', () => {
  expect(redOn(compared((x) => x))).toEqual([])
})

test('one element off by 1e-4 of the largest: those that know of float32 notice, loose tolerances do not', () => {
  const red = redOn(compared((x, i) => (i === 5 ? x + 1e-4 : x)))
  expect(red).toContain('assert_close')
  expect(red).toContain('twice-plain')
  expect(red).toContain('TOSA')
  expect(red).not.toContain('1e-2')
  expect(red).not.toContain('cosine')
})

test('a gain of 1 % is seen by all but the cosine and 1e-2', () => {
  const red = redOn(compared((x) => 1.009 * x))
  expect(red).toEqual(['assert_close', 'allclose', 'ONNX', '1e-3', 'twice-plain', 'TOSA'])
})

test('not a number is red for everybody', () => {
  expect(redOn(compared((x, i) => (i === 0 ? NaN : x)))).toEqual(comparators.map(({ id }) => id))
})

test('Σ|terms| of a product is the product of the magnitudes, and softmax has none', () => {
  const bound = termSums(question).get('X_next')?.bound
  const [A, V] = ['A_sparse', 'V'].map((name) => question.tensors.get(`input.${name}`))
  if (A?.kind !== 'dense' || V?.kind !== 'dense') throw new TypeError('inputs are dense')
  const [n, d] = V.tensor.shape
  let sum = 0
  for (let j = 0; j < n; j++) sum += Math.abs(A.tensor.data[j] * V.tensor.data[j * d + 1])
  expect(bound?.data[1]).toBeCloseTo(sum, 12)
  expect(termSums(sample(findEquation('sparsifiner/eq1'), 1)).has('A_down')).toBe(false)
})
