import { describe, expect, test } from 'vitest'
import { exactAnswer } from './answer.ts'
import { certain, type CertainAnswer } from './certain.ts'
import { estimatedSeconds } from './cost.ts'
import { questionOf } from './testing.ts'

function float32Of(answer: CertainAnswer, name: string): readonly number[] {
  const value = answer.float32.get(name)
  return value?.kind === 'dense' ? [...value.tensor.data] : []
}

/** A_sparse V of one token: the product of two floats. */
const product = (a: number, b: number): CertainAnswer =>
  certain(questionOf('sparsifiner/eq6', { 'input.A_sparse': [[a]], 'input.V': [[b]] }))

/** A layer of one channel that passes everything on, and a bias of v. */
const layer = {
  'param.attn.q.weight': [[1]],
  'param.attn.k.weight': [[1]],
  'param.attn.v.weight': [[1]],
  'param.attn.v.bias': [2 ** -24],
  'param.attn.proj.weight': [[1]],
  'param.ffn.fc1.weight': [[1]],
  'param.ffn.fc2.weight': [[1]],
}

describe('an exact tie is known to be one', () => {
  test.each([
    // (2¹² + 1)² = 2²⁴ + 2¹³ + 1 has 25 bits; its neighbours end in 2¹³ and 2¹³ + 2
    [2 ** 12 + 1, 2 ** 24 + 2 ** 13],
    [2 ** 12 + 3, 2 ** 24 + 6 * 2 ** 12 + 8],
  ])('%d squared goes to the even neighbour', (x, expected) => {
    const answer = product(x, x)
    expect(float32Of(answer, 'X_next')).toEqual([expected])
    expect(answer).toMatchObject({ digits: 64, ties: [] })
  })

  test('also where 64 digits are too few to hold it', () => {
    // 1 + 2⁻²⁴ plus 2⁻¹²⁰, then without it: 121 binary digits, all needed
    const parts = (last: number): CertainAnswer =>
      certain(
        questionOf('sparsifiner/eq12', { 'input.L_cls': 1, 'input.L_token': 1, 'input.L_kl': 1, 'input.L_attn': 0, 'input.L_spa': 0 }, { lambda_token: 2 ** -24, lambda_cls: last }), // prettier-ignore
      )
    expect(float32Of(parts(0), 'loss')).toEqual([1])
    expect(float32Of(parts(2 ** -220), 'loss')).toEqual([1 + 2 ** -23])
    expect(float32Of(parts(-(2 ** -220)), 'loss')).toEqual([1])
    expect(parts(2 ** -220)).toMatchObject({ digits: 128, ties: [] })
  })
})

test('a tie that came about by rounded steps is taken for one at the limit, and listed', () => {
  // three equal keys: A = 1/3 each, heads = 3·(1/3)·(1 + 2⁻²⁴)
  const question = questionOf(
    'stvit/eq6',
    { 'input.X': [[1]], 'input.S': [[1], [1], [1]], ...layer },
    { heads: 1 },
  )
  const answer = certain(question)
  expect(float32Of(answer, 'heads')).toEqual([1])
  expect(answer.digits).toBe(512)
  expect(answer.ties).toContainEqual({ name: 'heads', index: 0, format: 'float32' })
})

test('a saturated softmax is not mistaken for an exact one', () => {
  // scores 400 apart: A = 1 − e⁻⁴⁰⁰, heads a little below the tie 1 + 2⁻²⁴
  const inputs = { 'input.X': [[20]], 'input.S': [[1], [-19]], ...layer }
  const above = certain(questionOf('stvit/eq6', { ...inputs, 'input.S': [[1], [21]], 'param.attn.k.weight': [[-1]] }, { heads: 1 })) // prettier-ignore
  const below = certain(questionOf('stvit/eq6', inputs, { heads: 1 }))
  expect(float32Of(above, 'heads')).toEqual([1 + 2 ** -23])
  expect(float32Of(below, 'heads')).toEqual([1])
  expect([above.ties, below.ties]).toEqual([[], []])
  expect(below.digits).toBe(256)
})

test('rounds to both formats, keeps masks, and names all there is', () => {
  const inputs = { 'input.A_tilde': [[1], [1]], 'param.W_up': [[0.1, 0.2]] }
  const answer = certain(questionOf('sparsifiner/eq3', inputs, { budget: 1 }))
  expect([...answer.float32.keys()]).toEqual(['scores', 'M'])
  expect(answer.float64.get('M')).toEqual({
    kind: 'mask',
    mask: { shape: [2, 2], data: Uint8Array.of(0, 1, 0, 1) },
  })
  const [single, double] = [answer.float32.get('scores'), answer.float64.get('scores')]
  expect(single?.kind === 'dense' && single.tensor.data).toEqual(Float32Array.of(0.1, 0.2, 0.1, 0.2))
  expect(double?.kind === 'dense' && double.tensor.data[0]).toBe(Math.fround(0.1))
})

test('what has no value stays without one', () => {
  const constant = {
    'input.X_w': [[[1, 1]]],
    'param.dw.weight': [[[[1]]], [[[1]]]],
    'param.norm.weight': [1, 1],
    'param.norm.bias': [0, 0],
    'param.conv.weight': [[[[1]], [[1]]]],
  }
  // (x − μ)/√(σ² + 0) of equal channels is 0/0
  expect(float32Of(certain(questionOf('stvit/eq4', constant, { eps: 0 })), 'norm')).toEqual([NaN, NaN])
  expect(float32Of(certain(questionOf('stvit/eq4', constant)), 'norm')).toEqual([0, 0])
})

test('what cannot be decided is an error that says where', () => {
  const eye = [
    [1, 0],
    [0, 1],
  ]
  const linears = ['attn.q', 'attn.k', 'attn.v', 'attn.proj', 'ffn.fc1', 'ffn.fc2'].map((name) => [
    `param.${name}.weight`,
    eye,
  ])
  const norm = { 'param.norm2.weight': [1, 1], 'param.norm2.bias': [0, 0] }
  const inputs = { 'input.X': [[1, 1]], 'input.S': [[1, 1], [2, 2]], ...norm } // prettier-ignore
  // X̂ has equal channels, but by rounded steps: 0/0 or anything else
  const question = questionOf(
    'stvit/eq6',
    { ...inputs, ...Object.fromEntries(linears) },
    { heads: 1, eps: 0 },
  )
  expect(() => certain(question)).toThrow('norm2[0]: undecided with 512 digits')
})

test('inputs must be numbers', () => {
  const question = questionOf('sparsifiner/eq11', { 'param.W_up': [[Infinity]] })
  expect(() => exactAnswer(question)).toThrow(RangeError)
})

test('the estimate grows with the work', () => {
  const of = (tokens: number): number => {
    const X = Array.from({ length: tokens }, () => [1])
    return estimatedSeconds(questionOf('stvit/eq6', { 'input.X': X, 'input.S': X, ...layer }, { heads: 1 }))
  }
  expect(of(20)).toBeGreaterThan(3 * of(10))
  expect(of(1000)).toBeGreaterThan(100)
})
