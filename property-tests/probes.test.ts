import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withRule, type Arithmetic } from '../reference/arithmetic.ts'
import { fullArithmetic, type FullKinds } from '../reference/float32/full.ts'
import { float32, float32Dense } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { simulatedAnswerer } from '../src/arithmetics/index.ts'
import { evaluate } from '../src/arithmetics/evaluate.ts'
import { read } from '../src/arithmetics/recording.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { probeQuestion, probes, probesFor } from '../src/catalogue/probes/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { judge } from '../src/verdict/index.ts'
import type { Verdict } from '../src/verdict/judgement.ts'
import { parameters } from './seed.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

function probeNamed(name: string): (typeof probes)[number] {
  const probe = probes.find((known) => known.name === name)
  if (probe === undefined) throw new Error(`no probe ${name}`)
  return probe
}

/** The verdict on the reference's answer with some rules replaced. */
function verdictOn(question: Question, bug: Partial<Arithmetic<FullKinds>>): Verdict {
  const reference = float32Dense()
  const evaluator = { ...reference, rules: withRule(reference.rules, bug) }
  const outputs = [...evaluate(evaluator, question)].map(
    ([name, x]) => [name, rawOf(read(evaluator, x))] as const,
  )
  return judge.judge(question, new Map(outputs)).verdict
}

test('every equation that computes has probes, every probe equations', () => {
  for (const equation of catalogue)
    expect([equation.id, probesFor(equation).length]).not.toEqual([equation.id, 0])
  for (const probe of probes) expect(catalogue.some((equation) => probe.applies(equation))).toBe(true)
})

describe.each(probes.map((probe) => [probe.name, probe] as const))('%s', (_, probe) => {
  const applicable = catalogue.filter((equation) => probe.applies(equation))

  test('the same seed asks the same question', () => {
    const [equation] = applicable
    const [one, other] = [probeQuestion(probe, equation, 5), probeQuestion(probe, equation, 5)]
    expect([...one.tensors]).toEqual([...other.tensors])
    expect([...probeQuestion(probe, equation, 6).tensors]).not.toEqual([...one.tensors])
  })

  test('raises no alarm for the reference, nor for a plain float32 runtime', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...applicable), (seed, equation) => {
        const question = probeQuestion(probe, equation, seed)
        expect(['pass', 'not-judged']).toContain(verdictOn(question, {}))
        const plain = [...simulatedAnswerer().answer(question)].map(([name, x]) => [name, rawOf(x)] as const)
        expect(['pass', 'not-judged']).toContain(judge.judge(question, new Map(plain)).verdict)
      }),
      parameters(40),
    )
  })
})

const rules = fullArithmetic(Float32Array)
const mapped = (x: Tensor, f: (value: number, i: number) => number): Tensor =>
  tensor(Float32Array.from(x.data, f), x.shape)

/** Bugs that ordinary questions hide, and the probe that shows each. */
const hidden: readonly (readonly [bug: string, probe: string, id: string, Partial<Arithmetic<FullKinds>>])[] =
  [
    ['ε of 1e-5', 'tiny-variance', 'stvit/eq1', { layerNorm: (x, w, b) => rules.layerNorm(x, w, b, 1e-5) }],
    [
      'what equals τ is kept',
      'at-threshold',
      'sparsifiner/eq2',
      { threshold: (x, tau) => rules.threshold(x, tau - tau * 2 ** -24) },
    ],
    [
      'what equals the threshold of the basis is kept',
      'at-threshold',
      'sparsifiner/eq3',
      { thresholdMagnitude: (x, t) => rules.thresholdMagnitude(x, t - t * 2 ** -24) },
    ],
    [
      'of equal scores the higher column is kept',
      'ties',
      'sparsifiner/eq3',
      {
        topK: (x, budget) => {
          const m = x.values.shape.at(-1) ?? 1
          const mirrored = (i: number): number => i - (i % m) + (m - 1 - (i % m))
          const values = mapped(x.values, (_, i) => x.values.data[mirrored(i)])
          const { shape, kept } = rules.topK({ values, kept: x.kept }, budget)
          return { shape, kept: kept.map((_, i) => kept[mirrored(i)]) }
        },
      },
    ],
    [
      'exp without taking the maximum off',
      'one-hot-softmax',
      'stvit/eq1',
      {
        softmax: (x) => {
          const n = x.shape.at(-1) ?? 1
          const powers = mapped(x, Math.exp)
          const sumOf = (row: number): number =>
            Array.from(powers.data.subarray(row * n, row * n + n)).reduce((sum, power) =>
              Math.fround(sum + power),
            )
          return mapped(powers, (power, i) => power / sumOf(Math.floor(i / n)))
        },
      },
    ],
  ]

test.each(hidden)('a bug that ordinary questions hide: %s, shown by %s on %s', (_bug, name, id, bug) => {
  const equation = findEquation(id)
  const of = (ask: (seed: number) => Question): number =>
    Array.from({ length: 20 }, (_, seed) => verdictOn(ask(seed), bug)).filter((verdict) => verdict === 'fail')
      .length
  const shown = of((seed) => probeQuestion(probeNamed(name), equation, seed))
  const ordinary = of((seed) => sample(equation, seed, { magnitude: 1 }))
  expect(shown).toBeGreaterThanOrEqual(18)
  expect(ordinary).toBeLessThan(shown)
})

describe('probes hold what they promise', () => {
  const both = (name: string, id: string, check: (question: Question) => void): void =>
    fc.assert(
      fc.property(seeds, (seed) => check(probeQuestion(probeNamed(name), findEquation(id), seed))),
      parameters(30),
    )
  const dense = (question: Question, name: string): Tensor => {
    const value = question.tensors.get(name)
    if (value?.kind !== 'dense') throw new Error(`${name} is not dense`)
    return value.tensor
  }

  test('tiny-variance: rows of variance about ε', () => {
    both('tiny-variance', 'stvit/eq1', (question) => {
      const C = question.sizes['C']
      fc.pre(C >= 6)
      const { data } = dense(question, 'input.X')
      const variances = Array.from({ length: data.length / C }, (_, row) => {
        const x = Array.from(data.subarray(row * C, (row + 1) * C))
        const mean = x.reduce((a, b) => a + b, 0) / C
        return x.reduce((a, b) => a + (b - mean) ** 2, 0) / C
      })
      const mean = variances.reduce((a, b) => a + b, 0) / variances.length
      expect(mean).toBeGreaterThan(1e-7)
      expect(mean).toBeLessThan(5e-6)
    })
  })

  test('at-threshold: values that are exactly τ, next above and next below', () => {
    const all = new Set<number>()
    both('at-threshold', 'sparsifiner/eq2', (question) => {
      expect(question.config['tau']).toBe(1 / 8)
      for (const x of dense(question, 'input.A_down').data) all.add(x)
    })
    expect([...all].toSorted((a, b) => a - b)).toEqual([0, 0.125 - 2 ** -27, 0.125, 0.125 + 2 ** -26, 0.25])
  })

  test('at-threshold: computed coefficients that are exactly τ', () => {
    const reference = float32()
    let exactly = 0
    both('at-threshold', 'sparsifiner/attention', (question) => {
      const A = evaluate(reference, question).get('eq1.A_down')
      if (A?.kind === 'dense') exactly += Array.from(A.x.data).filter((x) => x === 1 / 8).length
    })
    expect(exactly).toBeGreaterThan(30)
  })

  test('ties: some row keeps one of two equal scores', () => {
    let split = 0
    both('ties', 'sparsifiner/eq3', (question) => {
      const exposed = evaluate(float32Dense(), question)
      const [scores, M] = [exposed.get('scores'), exposed.get('M')]
      if (scores?.kind !== 'sparse' || M?.kind !== 'mask') throw new Error('scores and M')
      const n = question.sizes['n']
      const { data } = scores.x.values
      for (let i = 0; i < data.length; i++)
        for (let j = i + 1; j < i - (i % n) + n; j++)
          if (data[i] === data[j] && data[i] !== 0 && M.x.kept[i] !== M.x.kept[j]) split++
    })
    expect(split).toBeGreaterThan(30)
  })

  test('nothing-kept: every second row is empty', () => {
    both('nothing-kept', 'sparsifiner/eq2', (question) => {
      const A = evaluate(float32Dense(), question).get('A_tilde')
      if (A?.kind !== 'sparse') throw new Error('A_tilde')
      const m = question.sizes['m']
      A.x.values.data.forEach((x, i) => {
        if (Math.floor(i / m) % 2 === 0) expect(x).toBe(0)
      })
    })
  })

  test('blank-patches: equal rows', () => {
    let equal = 0
    both('blank-patches', 'stvit/eq1', (question) => {
      const { data } = dense(question, 'input.X')
      const C = question.sizes['C']
      const rows = Array.from({ length: data.length / C }, (_, row) =>
        data.subarray(row * C, (row + 1) * C).join(),
      )
      equal += rows.length - new Set(rows).size
    })
    expect(equal).toBeGreaterThan(30)
  })
})
