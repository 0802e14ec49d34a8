import { describe, expect, test } from 'vitest'
import { tensor } from '../../../reference/tensor.ts'
import { catalogue } from '../../catalogue/index.ts'
import type { Config } from '../../catalogue/schema.ts'
import { findEquation } from '../../cases/names.ts'
import { buildQuestion, type Question } from '../../cases/question.ts'
import { fromReal, fromU8, real, type RawTensor } from '../../cases/raw-tensor.ts'
import type { Value } from '../../../reference/evaluator.ts'
import { UNCERTAIN } from './compare-dense.ts'
import { judge } from '../index.ts'
import { type Answer, full, answer, blamed, expectBlamed, edited, indexOfLargest } from './testing.ts'

describe.each(catalogue.map(({ id }) => [id, full(id)] as const))('%s', (id, question) => {
  const sound = answer(question)
  const { exposes } = question.equation
  const names = [...sound.keys()]
  const dense = names.filter((name) => exposes[name].kind !== 'mask')

  test('exposes every tensor of the contract, and the reference passes', () => {
    expect(names.toSorted()).toEqual(Object.keys(exposes).toSorted())
    const judgement = judge.judge(question, sound)
    expect(judgement.outputs.map(({ verdict }) => verdict)).toEqual(names.map(() => 'pass'))
    expect(judgement.outputs.map(({ name }) => name)).toEqual(Object.keys(exposes))
    expect(judgement.absent).toEqual([])
    expect(judgement.verdict).toBe('pass')
  })

  test.each(dense)('%s: its largest element × 1.001 is blamed', (name) => {
    const damaged = edited(sound, name, (data) => {
      data[indexOfLargest(data)] *= 1.001
    })
    const judgement = judge.judge(question, damaged)
    expect(blamed(judgement)).toBe(name)
    expect(judgement.verdict).not.toBe('pass')
  })

  test.each(dense)('%s: an element that is NaN or infinite fails', (name) => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const damaged = edited(sound, name, (data) => {
        data[indexOfLargest(data)] = value
      })
      const judgement = judge.judge(question, damaged)
      expect(judgement.verdict).toBe('fail')
      expect(blamed(judgement)).toBe(name)
    }
  })

  test.each(dense.filter((name) => (sound.get(name)?.shape.length ?? 0) > 1))(
    '%s: two rows swapped are blamed',
    (name) => {
      const damaged = edited(sound, name, (data, { shape }) => {
        const width = shape.at(-1) ?? 1
        const rows = Array.from({ length: data.length / width }, (_, row) =>
          data.slice(row * width, (row + 1) * width),
        )
        const row = Math.floor(indexOfLargest(data) / width)
        const other = rows.findIndex((values) => values.join() !== rows[row].join())
        data.set(rows[other], row * width)
        data.set(rows[row], other * width)
      })
      expect(blamed(judge.judge(question, damaged))).toBe(name)
    },
  )

  test.each(names)('%s: another shape fails, and says which was expected', (name) => {
    const raw = sound.get(name)
    if (raw === undefined) throw new Error(`no ${name}`)
    const damaged = new Map([...sound, [name, { ...raw, shape: [1, ...raw.shape, 1] }]])
    const judgement = judge.judge(question, damaged)
    expect(judgement.verdict).toBe('fail')
    expect(judgement.outputs.find((output) => output.name === name)?.reason).toBe(
      `shape [${[1, ...raw.shape, 1].join(', ')}], expected [${raw.shape.join(', ')}]`,
    )
  })

  test('zeros of the other sign are fine', () => {
    let damaged: Answer = sound
    for (const name of dense) {
      damaged = edited(damaged, name, (data) => {
        for (let i = 0; i < data.length; i++) if (data[i] === 0) data[i] = Object.is(data[i], -0) ? 0 : -0
      })
    }
    expect(judge.judge(question, damaged).verdict).toBe('pass')
  })

  test('outputs in float64 are judged like any', () => {
    for (const name of dense) {
      const raw = sound.get(name)
      if (raw === undefined) throw new Error(`no ${name}`)
      const wide = fromReal(Float64Array.from(real(raw)), raw.shape)
      expect(judge.judge(question, new Map([...sound, [name, wide]])).verdict).toBe('pass')
    }
  })

  test('nothing given is not judged, and all outputs are absent', () => {
    const judgement = judge.judge(question, new Map())
    expect(judgement).toEqual({
      id,
      verdict: 'not-judged',
      outputs: [],
      absent: Object.keys(exposes).filter((name) => exposes[name].output === true),
    })
  })
})

describe('answers to another question are seen', () => {
  test.each<[string, Config, Config, string]>([
    ['stvit/eq2', {}, { residual: 'S1+G' }, 'S_hat'],
    ['sparsifiner/eq1', {}, { scale: 0.45 }, 'logits'],
    ['sparsifiner/eq3', {}, { basis_threshold: 0.01 }, 'scores'],
    ['sparsifiner/eq3', {}, { budget: 4 }, 'M'],
    ['sparsifiner/eq3', {}, { budget: 2 }, 'M'],
    ['sparsifiner/eq3', { budget: 8 }, { budget: 7 }, 'M'],
    ['sparsifiner/eq4', {}, { normalize: 'masked' }, 'A_sparse'],
    ['sparsifiner/eq9', {}, { direction: 'teach,pred' }, 'per_sample'],
    ['sparsifiner/eq10', {}, { reduction: 'sum' }, 'loss'],
    ['sparsifiner/eq12', {}, { lambda_spa: 0.13 }, 'loss'],
    ['sparsifiner/attention', {}, { normalize: 'full' }, 'eq4.A_sparse'],
    ['sparsifiner/attention', {}, { tau: 0.2 }, 'eq2.A_tilde'],
    ['sparsifiner/attention', {}, { budget: 4 }, 'eq3.M'],
    ['sparsifiner/attention', {}, { scale: 0.45 }, 'eq1.logits'],
    ['sparsifiner/phase1', {}, { direction: 'teach,pred' }, 'L_kl.per_sample'],
    ['sparsifiner/phase2', {}, { reduction: 'sum' }, 'L_attn'],
  ])('%s %j, answered with %j', (id, config, other, blame) => {
    const question = full(id, { config })
    const asked = buildQuestion(question.equation, question.tensors, { ...question.asked, ...other })
    const judgement = judge.judge(question, answer(asked))
    // one kept too many or too few is only wrong where a row has that many non-zero scores
    expect(blamed(judgement)).toBe(blame)
  })
})

describe('masks', () => {
  const question = full('sparsifiner/eq3')
  const sound = answer(question)

  test('a bit flipped fails', () => {
    const damaged = edited(sound, 'M', (data) => {
      const kept = data.indexOf(1)
      data[kept] = 0
    })
    expectBlamed(question, damaged, 'M')
  })

  test('a 2 fails and says where', () => {
    const damaged = edited(sound, 'M', (data) => {
      data[9] = 2
    })
    expect(judge.judge(question, damaged).outputs.at(-1)).toMatchObject({
      name: 'M',
      verdict: 'fail',
      reason: '2 at [1, 1], expected 0 or 1',
    })
  })

  const dyadic = (values: readonly number[], budget: number): Question => {
    const W_up: Value = { kind: 'dense', tensor: tensor(Float32Array.from(values), [1, values.length]) }
    const ones = new Float32Array(values.length).fill(1)
    const A_tilde: Value = { kind: 'dense', tensor: tensor(ones, [values.length, 1]) }
    const tensors = new Map([
      ['input.A_tilde', A_tilde],
      ['param.W_up', W_up],
    ])
    return buildQuestion(findEquation('sparsifiner/eq3'), tensors, { budget })
  }
  const maskOf = (row: readonly number[]): RawTensor =>
    fromU8(
      Uint8Array.from({ length: row.length ** 2 }, (_, i) => row[i % row.length]),
      [row.length, row.length],
    )

  test('a tie for the last place goes to the lower column when the scores are in the file', () => {
    const tied = dyadic([0.5, 0.25, 0.5, 0.5], 2)
    const { scores } = Object.fromEntries(answer(tied))
    const judged = (mask: readonly number[]): string | undefined =>
      judge
        .judge(
          tied,
          new Map([
            ['scores', scores],
            ['M', maskOf(mask)],
          ]),
        )
        .outputs.find(({ name }) => name === 'M')?.fromUpstream?.verdict
    expect(judged([1, 0, 1, 0])).toBe('pass')
    expect(judged([1, 0, 0, 1])).toBe('fail')
    expect(judged([0, 0, 1, 1])).toBe('fail')
  })

  test('an exact zero is never kept, and takes a place all the same', () => {
    const question0 = dyadic([0.5, 0, -0.25, 0], 3)
    const judged = (mask: readonly number[]): string =>
      judge.judge(question0, new Map([['M', maskOf(mask)]])).verdict
    expect(judged([1, 0, 0, 0])).toBe('pass')
    expect(judged([1, 1, 0, 0])).toBe('fail')
    expect(judged([1, 0, 1, 0])).toBe('fail')
    expect(judged([0, 0, 0, 0])).toBe('fail')
  })
})

test('a value equal to τ goes: ≥ for > is seen', () => {
  const A_down: Value = { kind: 'dense', tensor: tensor(Float32Array.of(0.125, 0.5, 0.0625), [1, 3]) }
  const question = buildQuestion(findEquation('sparsifiner/eq2'), new Map([['input.A_down', A_down]]), {
    tau: 0.125,
  })
  const judged = (...row: number[]): string =>
    judge.judge(question, new Map([['A_tilde', fromReal(Float32Array.from(row), [1, 3])]])).verdict
  expect(judged(0, 0.5, 0)).toBe('pass')
  expect(judged(0.125, 0.5, 0)).toBe('fail')
  expect(judged(0, 0, 0)).toBe('fail')
})

test('logits outside the mask are nobody’s business', () => {
  const question = full('sparsifiner/eq4', { config: { normalize: 'masked' } })
  const mask = question.tensors.get('input.M')
  const kept = mask?.kind === 'mask' ? mask.mask.data : new Uint8Array()
  const judged = (at: number, value: number): string =>
    judge.judge(
      question,
      edited(answer(question), 'logits', (data) => {
        for (let i = 0; i < data.length; i++) if (kept[i] === at) data[i] = value
      }),
    ).verdict
  expect(judged(0, NaN)).toBe('pass')
  expect(judged(0, 1e30)).toBe('pass')
  expect(judged(1, 1e30)).toBe('fail')
})

test('an intermediate of a param that is not there is not judged', () => {
  const { equation, tensors, asked } = full('stvit/eq1')
  const question = buildQuestion(
    equation,
    new Map([...tensors].filter(([name]) => !name.startsWith('param.norm1.'))),
    asked,
  )
  const stray = new Map([...answer(question), ['norm_q', fromReal(new Float32Array(48), [4, 12])]])
  const judgement = judge.judge(question, stray)
  expect(judgement.verdict).toBe('pass')
  expect(judgement.outputs[0]).toEqual({
    name: 'norm_q',
    verdict: 'not-judged',
    reason: 'does not come about without param.norm1.weight',
  })
})

test('where every float32 evaluation may overflow nothing is judged, and nothing fails', () => {
  const question = full('stvit/eq1', { magnitude: 1e20 })
  const lost = new Map(
    ['S_hat', 'S'].map((name) => [name, fromReal(new Float32Array(48).fill(NaN), [4, 12])]),
  )
  const judgement = judge.judge(question, lost)
  expect(judgement.verdict).toBe('not-judged')
  expect(judgement.outputs.map(({ reason }) => reason)).toEqual([UNCERTAIN, UNCERTAIN])
})
