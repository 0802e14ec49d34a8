import { describe, expect, test } from 'vitest'
import { exactAnswer } from './answer.ts'
import { equations } from './equations.ts'
import { numbersOf, questionOf, type Written } from './testing.ts'

/** A layer of one channel that passes everything on: q, k, v, proj, fc1, fc2 are 1. */
const plainLayer: Readonly<Record<string, Written>> = Object.fromEntries(
  ['attn.q', 'attn.k', 'attn.v', 'attn.proj', 'ffn.fc1', 'ffn.fc2'].map((name) => [
    `param.${name}.weight`,
    [[1]],
  ]),
)

test('all eighteen are there', () => {
  expect([...equations.keys()].filter((id) => id.includes('/eq'))).toHaveLength(18)
  expect(() => exactAnswer(questionOf('stvit/eq7', {}))).toThrow('stvit/eq7')
})

describe('STViT Eq. 2', () => {
  const inputs = { 'input.S1': [[2]], 'input.X': [[3], [5]], 'param.G': [[10]], ...plainLayer }

  test('S1 comes first among the keys; queries are S1 + G', () => {
    const answer = exactAnswer(questionOf('stvit/eq2', inputs, { heads: 1 }))
    expect(numbersOf(answer, 'q')).toEqual([12])
    expect(numbersOf(answer, 'k')).toEqual([2, 3, 5])
    expect(numbersOf(answer, 'scores')).toEqual([24, 36, 60])
  })

  test.each([
    ['S1', 2],
    ['S1+G', 12],
  ])('the residual is %s', (residual, added) => {
    const answer = exactAnswer(questionOf('stvit/eq2', inputs, { heads: 1, residual }))
    const [attn] = numbersOf(answer, 'attn')
    expect(numbersOf(answer, 'S_hat')[0]).toBeCloseTo(attn + added, 14)
  })
})

test('LayerScale multiplies before the residual; without norms none are named', () => {
  const question = questionOf(
    'stvit/eq6',
    {
      'input.X': [[4]],
      'input.S': [[3]],
      ...plainLayer,
      'param.layer_scale_1': [0.5],
      'param.layer_scale_2': [0],
    },
    { heads: 1 },
  )
  const answer = exactAnswer(question)
  expect(numbersOf(answer, 'attn')).toEqual([3])
  expect(numbersOf(answer, 'X_hat')).toEqual([5.5])
  expect(numbersOf(answer, 'X_out')).toEqual([5.5])
  expect([...answer.keys()]).toEqual(
    ['q', 'k', 'v', 'scores', 'A', 'heads', 'attn', 'X_hat', 'fc1', 'gelu', 'fc2', 'X_out'], // prettier-ignore
  )
})

test('heads are contiguous groups of channels', () => {
  const eye = [
    [1, 0],
    [0, 1],
  ]
  const params = { 'param.attn.q.weight': eye, 'param.attn.k.weight': eye, 'param.G': [[0, 0]] }
  const question = questionOf(
    'stvit/eq3',
    { 'input.S1': [[2, 3]], 'input.X': [[5, 7]], ...params },
    { heads: 2 },
  )
  const answer = exactAnswer(question)
  expect(answer.get('A_s')?.shape).toEqual([2, 1, 2])
  expect(numbersOf(answer, 'A_s')).toEqual([4, 10, 9, 21])
})

test('the query bias is in A_s alone', () => {
  const params = { 'param.attn.q.weight': [[1]], 'param.attn.q.bias': [10], 'param.attn.k.weight': [[1]] }
  const answer = exactAnswer(
    questionOf(
      'stvit/eq3',
      { 'input.S1': [[1]], 'input.X': [[2]], 'param.G': [[5]], ...params },
      { heads: 1 },
    ),
  )
  expect([...answer.keys()]).toEqual(['q_s', 'q_g', 'k', 'A_s', 'A_g', 'A'])
  expect(numbersOf(answer, 'A_s')).toEqual([11, 22])
  expect(numbersOf(answer, 'A_g')).toEqual([5, 10])
})

describe('pooling', () => {
  const norm = { 'norm.weight': [1], 'norm.bias': [0] }

  test('convolutions are cross-correlations with zeros outside', () => {
    const kernel = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]
    const params = { 'dw.weight': [[kernel]], 'dw.bias': [100], ...norm, 'conv.weight': [[[[1]]]] }
    const named = Object.fromEntries(Object.entries(params).map(([name, value]) => [`param.${name}`, value]))
    const answer = exactAnswer(questionOf('stvit/eq4', { 'input.X_w': [[[1], [10]]], ...named }))
    expect(numbersOf(answer, 'dw')).toEqual([100 + 5 + 60, 100 + 4 + 50])
    expect(answer.get('M')?.shape).toEqual([1, 2])
    // one channel: the norm is its bias, exactly
    expect(numbersOf(answer, 'norm')).toEqual([0, 0])
  })

  test('14 tokens in 4 windows start at 0, 3, 7, 10', () => {
    const X = Array.from({ length: 14 }, (_, y) => Array.from({ length: 14 }, (_x, x) => [100 * y + x]))
    const one = { 'dw.weight': [[[[1]]]], ...norm }
    const params = Object.fromEntries([
      ...Object.entries({ ...one, 'conv.weight': [[[[1]]]] }).map(([name, value]) => [
        `param.intra.${name}`,
        value,
      ]),
      ...Object.entries({ ...one, 'conv.weight': Array.from({ length: 16 }, () => [[[1]]]) }).map(
        ([name, value]) => [`param.inter.${name}`, value],
      ),
    ])
    const answer = exactAnswer(questionOf('stvit/eq5', { 'input.X': X, ...params }, { ws: 4 }))
    const windows = numbersOf(answer, 'windows')
    expect(answer.get('windows')?.shape).toEqual([16, 4, 4, 1])
    expect(windows.filter((_, t) => t % 16 === 0)).toEqual(
      [0, 3, 7, 10].flatMap((y) => [0, 3, 7, 10].map((x) => 100 * y + x)),
    )
    expect(windows.slice(16, 22)).toEqual([3, 4, 5, 6, 103, 104])
    // nothing but equal weights: the mean of the window
    expect(numbersOf(answer, 'P')[0]).toBeCloseTo(151.5, 12)
  })
})

describe('Sparsifiner Eq. 2', () => {
  test('what equals τ as a float32 is dropped', () => {
    const question = questionOf(
      'sparsifiner/eq2',
      { 'input.A_down': [[0.05, 0.05000001, 0.04, -1]] },
      { tau: 0.05 },
    )
    expect(numbersOf(exactAnswer(question), 'A_tilde')).toEqual([0, Math.fround(0.05000001), 0, 0])
  })
})

describe('Sparsifiner Eq. 3', () => {
  const mask = (A_tilde: Written, W_up: Written, config: Record<string, number>): readonly number[] =>
    numbersOf(
      exactAnswer(questionOf('sparsifiner/eq3', { 'input.A_tilde': A_tilde, 'param.W_up': W_up }, config)),
      'M',
    )

  test('of equal scores the lower columns win', () => {
    expect(mask([[1], [1], [1]], [[2, 2, 2]], { budget: 2 })).toEqual([1, 1, 0, 1, 1, 0, 1, 1, 0])
  })

  test('zeros take part in the ranking and are dropped afterwards; negatives stay', () => {
    expect(mask([[1], [1], [1]], [[-1, 0, 3]], { budget: 2 })).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1])
    expect(mask([[1], [0], [1]], [[-1, -2, -3]], { budget: 2 })).toEqual([1, 1, 0, 0, 0, 0, 1, 1, 0])
  })

  test('scores that differ by less than any float are told apart', () => {
    // 1·1 + 2⁻¹⁰⁰·2⁻⁴⁰ against 1·1 + 0: equal in float64
    const coefficients = [
      [1, 2 ** -100],
      [1, 2 ** -100],
    ]
    const basis = [
      [1, 1],
      [0, 2 ** -40],
    ]
    expect(mask(coefficients, basis, { budget: 1 })).toEqual([0, 1, 0, 1])
  })

  test('a sum that cancels is zero exactly', () => {
    expect(mask([[0.1, 0.3]], [[0.3], [-0.1]], { budget: 1 })).toEqual([0])
  })

  test('the basis threshold drops what equals it as a float32, of either sign', () => {
    const basis = [[0.01, -0.01]]
    expect(mask([[1], [1]], basis, { budget: 2 })).toEqual([1, 1, 1, 1])
    expect(mask([[1], [1]], basis, { budget: 2, basis_threshold: 0.01 })).toEqual([0, 0, 0, 0])
  })

  test('keep_rate is a share of n, rounded up; a budget above n is n', () => {
    expect(mask([[1], [1], [1]], [[3, 2, 1]], { keep_rate: 0.4 }).slice(0, 3)).toEqual([1, 1, 0])
    expect(mask([[1], [1], [1]], [[3, 2, 1]], { budget: 9 }).slice(0, 3)).toEqual([1, 1, 1])
    expect(mask([[1], [1], [1]], [[3, 2, 1]], { budget: 0 }).slice(0, 3)).toEqual([0, 0, 0])
  })
})

describe('Sparsifiner Eq. 4', () => {
  const inputs = {
    'input.Q': [[0], [0]],
    'input.K': [[1], [2]],
    'input.M': [
      [true, false],
      [false, false],
    ],
  }

  test.each([
    ['full', [0.5, 0, 0, 0]],
    ['masked', [1, 0, 0, 0]],
  ])('%s', (normalize, expected) => {
    expect(numbersOf(exactAnswer(questionOf('sparsifiner/eq4', inputs, { normalize })), 'A_sparse')).toEqual(
      expected,
    )
  })
})

describe('losses', () => {
  test('Eq. 7 is a mean over samples; targets need not sum to one', () => {
    const question = questionOf('sparsifiner/eq7', {
      'input.logits': [
        [0, 0],
        [0, 0],
      ],
      'input.target': [
        [1, 2],
        [0, 0],
      ],
    })
    const answer = exactAnswer(question)
    expect(numbersOf(answer, 'per_sample')[0]).toBeCloseTo(3 * Math.LN2, 15)
    expect(numbersOf(answer, 'loss')[0]).toBeCloseTo(1.5 * Math.LN2, 15)
    expect(answer.get('loss')?.shape).toEqual([])
  })

  test('Eq. 9 has a direction', () => {
    const inputs = { 'input.logits': [[Math.log(3), 0]], 'input.logits_teach': [[0, 0]] }
    const loss = (config: Record<string, string>): number =>
      numbersOf(exactAnswer(questionOf('sparsifiner/eq9', inputs, config)), 'loss')[0]
    expect(loss({})).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 7)
    expect(loss({ direction: 'teach,pred' })).toBeCloseTo(0.5 * Math.log(2 / 3) + 0.5 * Math.log(2), 7)
  })

  test('Eq. 8 and 10 are means, Eq. 10 a sum if asked, Eq. 11 a sum', () => {
    const ask = (id: string, inputs: Record<string, Written>, config: Record<string, string> = {}): number =>
      numbersOf(exactAnswer(questionOf(id, inputs, config)), 'loss')[0]
    expect(ask('sparsifiner/eq8', { 'input.x': [[1, 2]], 'input.x_teach': [[2, 5]] })).toBe(5)
    const distillation = { 'input.A_tilde': [[2], [1]], 'param.W_up': [[1, 2]], 'input.A_teach': [[1, 1], [1, 1]] } // prettier-ignore
    expect(ask('sparsifiner/eq10', distillation)).toBe((1 + 9 + 0 + 1) / 4)
    expect(ask('sparsifiner/eq10', distillation, { reduction: 'sum' })).toBe(11)
    expect(ask('sparsifiner/eq11', { 'param.W_up': [[1, -2], [3, 0]] })).toBe(14) // prettier-ignore
  })

  test('Eq. 12 weighs L_kl with lambda_cls, and everything by 0 unless asked', () => {
    const inputs = {
      'input.L_cls': 1,
      'input.L_token': 10,
      'input.L_kl': 100,
      'input.L_attn': 1000,
      'input.L_spa': 10_000,
    }
    const loss = (config: Record<string, number>): number =>
      numbersOf(exactAnswer(questionOf('sparsifiner/eq12', inputs, config)), 'loss')[0]
    expect(loss({})).toBe(1)
    expect(loss({ lambda_token: 2, lambda_cls: 3, lambda_attn: 4, lambda_spa: 5 })).toBe(54_321)
  })
})
