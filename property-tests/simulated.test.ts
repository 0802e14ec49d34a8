import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value } from '../reference/evaluator.ts'
import { tensor } from '../reference/tensor.ts'
import { evaluate } from '../src/arithmetics/evaluate.ts'
import { simulatedAnswerer } from '../src/arithmetics/index.ts'
import { read } from '../src/arithmetics/recording.ts'
import { simulated } from '../src/arithmetics/simulated/index.ts'
import { parseDesign } from '../src/arithmetics/simulated/parse-design.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { primitivesOf } from '../src/catalogue/probes/primitives-of.ts'
import { probeQuestion, probes } from '../src/catalogue/probes/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import { buildQuestion, type Question } from '../src/cases/question.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { random } from '../src/random.ts'
import { judge } from '../src/verdict/index.ts'
import type { Judgement } from '../src/verdict/judgement.ts'
import { honestRuntimes } from './honest-runtimes.ts'
import { parameters } from './seed.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

function answer(design: string, question: Question): ReadonlyMap<string, Value> {
  return simulatedAnswerer(parseDesign(design)).answer(question)
}

function judged(design: string, question: Question): Judgement {
  const outputs = [...answer(design, question)].map(([name, value]) => [name, rawOf(value)] as const)
  return judge.judge(question, new Map(outputs))
}

function dataOf(value: Value | undefined): readonly number[] {
  return value === undefined ? [] : Array.from(value.kind === 'dense' ? value.tensor.data : value.mask.data)
}

/** The places at which two tensors differ, with what they hold there; zeros are equal whatever their sign. */
function differing(x: readonly number[], y: readonly number[]): (readonly [number, number, number])[] {
  if (x.length !== y.length) return [[NaN, x.length, y.length]]
  return x.flatMap((value, i) => (value === y[i] ? [] : [[i, value, y[i]] as const]))
}

describe('the plain design is a naive float32 runtime, bit for bit', () => {
  const [naive] = honestRuntimes
  // the naive one pools as the reference does
  const others = catalogue.filter((equation) => !primitivesOf(equation).has('pool'))
  test.each(others.map((equation) => [equation.id, equation] as const))('%s', (_, equation) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const question = sample(equation, seed)
        const evaluator = naive.evaluator(random(seed))
        const plain = answer('', question)
        for (const [name, exposed] of evaluate(evaluator, question)) {
          const { judgedAt } = equation.exposes[name]
          if (judgedAt !== undefined) continue
          expect([name, differing(dataOf(plain.get(name)), dataOf(read(evaluator, exposed)))]).toEqual([
            name,
            [],
          ])
        }
      }),
      parameters(15),
    )
  })
})

/** What the profile `portable` leaves to a runtime, one by one and together. */
const legal = [
  'accumulate=reversed',
  'accumulate=pairwise',
  'accumulate=blocked:4',
  'accumulate=split-k:3',
  'accumulate=lanes:4',
  'accumulate=fma',
  'accumulate=lanes:8+fma,bias=first',
  'divide=reciprocal',
  'softmax=online',
  'softmax=online:4,accumulate=pairwise',
  'attention=flash:3',
  'attention=flash:8,accumulate=fma,divide=reciprocal',
  'layer-norm=welford',
  'norm-affine=folded',
  'scale=divide',
  'scale=query',
  'scale=split',
  'bias=first',
  'convolution=im2col,accumulate=blocked:5',
  'erf=abramowitz-stegun',
  'exp-error=smooth:3',
  'exp-error=alternating:3',
  'exp-error=biased:3+slope:2',
  'log-error=2,rsqrt-error=2',
  'rsqrt-error=biased:-2,subnormals=flushed',
] as const

describe('a legal design raises no alarm', () => {
  test.each(legal)('%s', (design) => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...catalogue), (seed, equation) => {
        const question = sample(equation, seed)
        const wrong = judged(design, question).outputs.filter(
          ({ verdict }) => verdict === 'fail' || verdict === 'suspect',
        )
        expect(wrong).toEqual([])
      }),
      parameters(60),
    )
  })
})

test.each([
  'matmul=tf32',
  'matmul=bf16',
  'matmul=e4m3',
  'storage=fp16',
  'accumulator=bf16',
  'inputs=e5m2',
  'exp-error=400',
])('a design that loses more than float32 does is found out: %s', (design) => {
  const verdicts = [1, 2, 3].map((seed) => judged(design, sample(findEquation('stvit/eq1'), seed)).verdict)
  expect(verdicts).toContain('fail')
})

const tokens = (question: Question, factor: number): Question => {
  const tensors = [...question.tensors].map(([name, value]): [string, Value] => {
    if (value.kind === 'mask' || !name.startsWith('input.')) return [name, value]
    const { data, shape } = value.tensor
    return [
      name,
      {
        kind: 'dense',
        tensor: tensor(
          Float32Array.from(data, (x) => x * factor),
          shape,
        ),
      },
    ]
  })
  return buildQuestion(question.equation, new Map(tensors), question.asked)
}

describe('every option changes some bits', () => {
  test.each([
    ...legal.map((design) => [design, ''] as const),
    ['accumulator=fp16', ''],
    ['matmul=tf32', ''],
    ['storage=bf16', ''],
    ['inputs=fp16', ''],
    ['rounding=toward-zero', ''],
    ['rounding=up', 'rounding=down'],
    ['softmax=no-max', ''],
    ['softmax=online:2', 'softmax=online:5'],
    ['attention=flash:2', 'attention=flash:5'],
    ['layer-norm=one-pass', ''],
    ['erf-error=2', ''],
    ['log-error=2', ''],
    ['rsqrt-error=2', ''],
    ['convolution=im2col,accumulate=blocked:5', 'accumulate=blocked:5'],
  ] as const)('%s', (design, other) => {
    const ids = ['stvit/eq1', 'stvit/eq4', 'stvit/classifier', 'sparsifiner/eq7'].map((id) =>
      findEquation(id),
    )
    const questions = ids.flatMap((equation) => [1, 2, 3, 4].map((seed) => sample(equation, seed)))
    const bits = (how: string): number[] =>
      questions.flatMap((question) => [...answer(how, question).values()].flatMap(dataOf))
    expect(bits(design)).not.toEqual(bits(other))
  })

  test('subnormals=flushed, where there are some', () => {
    const question = tokens(sample(findEquation('sparsifiner/eq1'), 3), 2 ** -130)
    expect(dataOf(answer('', question).get('K_down'))).not.toEqual(
      dataOf(answer('subnormals=flushed', question).get('K_down')),
    )
    expect(
      dataOf(answer('subnormals=flushed', question).get('K_down')).every(
        (x) => x === 0 || Math.abs(x) >= 2 ** -126,
      ),
    ).toBe(true)
  })

  test('overflow, where e4m3 ends', () => {
    const question = tokens(sample(findEquation('stvit/eq1'), 3), 1e6)
    expect(dataOf(answer('inputs=e4m3', question).get('q')).every(Number.isFinite)).toBe(true)
    expect(dataOf(answer('inputs=e4m3,overflow=ieee', question).get('q'))).toContainEqual(NaN)
  })
})

test('integers are exact in every order, direction and format that holds them', () => {
  const probe = probes.find(({ name }) => name === 'integers')
  if (probe?.exact === undefined) throw new Error('the probe of integers says what is exact')
  const { exact } = probe
  const designs = fc.record({
    accumulate: fc.constantFrom('reversed', 'pairwise', 'blocked:3', 'split-k:2', 'lanes:4+fma', 'fma'),
    rounding: fc.constantFrom('nearest', 'toward-zero', 'up', 'down'),
    matmul: fc.constantFrom('float32', 'tf32', 'fp16'),
    scale: fc.constantFrom('scores', 'divide', 'query', 'split'),
    bias: fc.constantFrom('first', 'last'),
    convolution: fc.constantFrom('direct', 'im2col'),
    attention: fc.constantFrom('stored', 'flash:2'),
    divide: fc.constantFrom('exact', 'reciprocal'),
    subnormals: fc.constantFrom('kept', 'flushed'),
  })
  const applicable = catalogue.filter((equation) => probe.applies(equation))
  fc.assert(
    fc.property(seeds, fc.constantFrom(...applicable), designs, (seed, equation, chosen) => {
      const question = probeQuestion(probe, equation, seed)
      const design = Object.entries(chosen)
        .map(([key, value]) => `${key}=${value}`)
        .join(',')
      const found = answer(design, question)
      for (const [name, value] of exact(question)) {
        expect([name, differing(dataOf(found.get(name)), dataOf(value))]).toEqual([name, []])
      }
    }),
    parameters(60),
  )
})

test('sparse sums are over held entries: what is not held may be infinite', () => {
  const { rules } = simulated(parseDesign('accumulate=pairwise'))
  const dense = (data: readonly number[], shape: readonly number[]) => tensor(Float32Array.from(data), shape)
  const held = rules.compress(dense([1, 0, 2, 0, 0, 0], [2, 3]))
  const V = dense([1, 10, Infinity, NaN, 3, 30], [3, 2])
  expect(Array.from(rules.sparseMatmulDense(held, V).data)).toEqual([7, 70, 0, 0])
  const basis = rules.compress(dense([0, 4, 0, 0, 5, 0], [3, 2]))
  const product = rules.sparseMatmul(held, basis)
  expect(Array.from(product.values.data)).toEqual([10, 4, 0, 0])
  expect(Array.from(product.kept)).toEqual([1, 1, 0, 0])
  const mask = { shape: [1, 2], kept: Uint8Array.of(0, 1) }
  const logits = rules.matmulAt(mask, dense([1, 2], [1, 2]), dense([Infinity, 1, 3, 4], [2, 2]))
  expect(Array.from(logits.values.data)).toEqual([0, 11])
  expect(Array.from(rules.maskedSoftmax(mask, logits).values.data)).toEqual([0, 1])
})

test('an answer leaves out what a runtime of that design never holds', () => {
  const question = sample(findEquation('stvit/eq1'), 1)
  expect(answer('attention=flash:4', question).has('A')).toBe(false)
  expect(answer('', question).has('A')).toBe(true)
})
