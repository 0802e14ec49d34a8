import { describe, expect, test } from 'vitest'
import { withRule } from '../../../reference/arithmetic.ts'
import type { Value } from '../../../reference/evaluator.ts'
import { float32Dense } from '../../../reference/float32/index.ts'
import { tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { float64 } from '../../arithmetics/float64.ts'
import { read } from '../../arithmetics/recording.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import type { Question } from '../../cases/question.ts'
import { random } from '../../random.ts'
import { blame, type BlameRequest } from './blame.ts'
import { record } from './tape.ts'
import { noisy64 } from './noisy64.ts'

const question = sample(findEquation('stvit/eq4'), 2, {
  sizes: { kh: 4, kw: 4, C: 8, kd: 3, kc: 1 },
  lead: [2],
})

/** A float32 runtime with ε = 1e-5, and everything it exposes. */
function answer(asked: Question): Map<string, Value> {
  const base = float32Dense()
  const rules = withRule(base.rules, { layerNorm: (x, w, b) => base.rules.layerNorm(x, w, b, 1e-5) })
  return new Map([...evaluate({ ...base, rules }, asked)].map(([path, x]) => [path, read(base, x)]))
}

/** A judge's knowledge, of the plainest kind: every element is off by 2u of the largest. */
function request(
  found: Map<string, Value>,
  more: Partial<BlameRequest> = {},
  asked: Question = question,
): BlameRequest {
  const truth = record(asked, { found, judged: () => undefined }).exposed
  return {
    question: asked,
    found,
    directions: 'always',
    suspected: true,
    known(path) {
      const x = truth.get(path)
      if (x?.kind !== 'dense') return undefined
      const most = Math.max(...Float64Array.from(x.x.data, Math.abs))
      return { v: x.x, s: tensor(new Float64Array(x.x.size).fill(2 ** -23 * most), x.x.shape) }
    },
    ...more,
  }
}

describe('blame', () => {
  const found = answer(question)

  test('names the bug, with β and its error', () => {
    const [first] = blame(request(found)).findings
    expect(first).toMatchObject({ id: 'layer-norm/epsilon=0.00001', kind: 'consistent' })
    expect(first.sentence).toMatch(/^consistent with LayerNorm ε = 1e-5 \(β = (1\.0|0\.9)\d* ± \d/)
  })

  test('is asked never, on suspicion, or always', () => {
    const tried = (more: Partial<BlameRequest>): number => blame(request(found, more)).tried
    expect(tried({ directions: 'never' })).toBe(0)
    expect(tried({ directions: 'on-suspicion', suspected: false })).toBe(0)
    expect(tried({ directions: 'on-suspicion', suspected: true })).toBeGreaterThan(0)
    expect(tried({ directions: 'always', suspected: false })).toBeGreaterThan(0)
  })

  test('finds what is subtle without being told to look for anything', () => {
    const [first] = blame(request(found, { suspected: false })).findings
    expect(first.id).toBe('layer-norm/epsilon=0.00001')
  })

  test('counts how often a bias was added', () => {
    const asked = sample(findEquation('stvit/eq6'), 2, {
      sizes: { C: 12, rC: 24 },
      config: { heads: 3 },
      lead: [2],
      has: () => true,
    })
    const base = float32Dense()
    const rules = withRule(base.rules, {
      linear: (x, w, b) => {
        const y = base.rules.linear(x, w, b)
        return w.shape[1] === 24 && b !== undefined ? base.rules.add(base.rules.add(y, b), b) : y
      },
    })
    const thrice = new Map([...evaluate({ ...base, rules }, asked)].map(([path, x]) => [path, read(base, x)]))
    const [first] = blame(request(thrice, {}, asked)).findings
    expect(first).toMatchObject({ id: 'bias-missing/ffn.fc2/times=3', kind: 'consistent' })
    expect(first.sentence).toMatch(/^consistent with the bias of ffn\.fc2 added 3 times \(β = 1\.0/)
  })

  test('says nothing of one wrong number but what explains all of it', () => {
    const loss = sample(findEquation('sparsifiner/eq8'), 2, { lead: [4, 5] })
    const [value] = [...answer(loss).values()]
    if (value.kind !== 'dense') throw new Error('a loss is dense')
    const by = (factor: number): string[] => {
      const wrong = new Map<string, Value>([
        [
          'loss',
          {
            kind: 'dense',
            tensor: tensor(
              value.tensor.data.map((x) => factor * x),
              [],
            ),
          },
        ],
      ])
      return blame(request(wrong, {}, loss)).findings.map(({ id }) => id)
    }
    expect(by(0.37)).toEqual([])
    expect(by(0.5)).toEqual(['reduction/half/loss/2'])
  })

  test('gives the same answer every time', () => {
    expect(blame(request(found))).toEqual(blame(request(found)))
  })

  test('of a runtime that only rounds says nothing, and draws no noise for it', () => {
    const base = float32Dense()
    const honest = new Map([...evaluate(base, question)].map(([path, x]) => [path, read(base, x)]))
    expect(blame(request(honest))).toMatchObject({ findings: [], drawn: 0 })
  })

  test('draws no noise where errors are so large and so random that no name could be given', () => {
    const numbers = random('scattered')
    const scattered = new Map(
      [...found].map(([path, value]): [string, Value] => {
        if (value.kind !== 'dense') return [path, value]
        const { data, shape } = value.tensor
        return [
          path,
          {
            kind: 'dense',
            tensor: tensor(
              data.map((x) => x + 0.01 * numbers.normal()),
              shape,
            ),
          },
        ]
      }),
    )
    const { findings, drawn, tried } = blame(request(scattered))
    expect(tried).toBeGreaterThan(20)
    expect({ findings, drawn }).toEqual({ findings: [], drawn: 0 })
    const all = blame(request(scattered, { invisible: true }))
    expect(all.drawn).toBeGreaterThan(0)
    expect(all.findings).toEqual([])
  })

  test('lists what cannot be seen: a bias of the keys moves all scores of a query alike', () => {
    const asked = sample(findEquation('stvit/eq1'), 4, {
      has: (name) => /attn\..*\.bias$/.test(name),
    })
    const outputs = new Map([...answer(asked)].filter(([path]) => path.startsWith('S')))
    const { invisible } = blame(request(outputs, { invisible: true }, asked))
    const bias = invisible.find(({ id }) => id === 'bias-missing/attn.k')
    expect(bias?.snr).toBeLessThan(1e-3)
    expect(invisible.map(({ id }) => id)).not.toContain('bias-missing/attn.v')
  })

  test('goes by finite numbers alone', () => {
    const broken = new Map(found)
    const M = found.get('M')
    if (M?.kind !== 'dense') throw new TypeError('M is dense')
    const data = Float32Array.from(M.tensor.data, (x, i) => (i === 0 ? NaN : x))
    broken.set('M', { kind: 'dense', tensor: tensor(data, M.tensor.shape) })
    expect(blame(request(broken)).findings[0].id).toBe('layer-norm/epsilon=0.00001')
  })
})

describe('the tape', () => {
  const tape = record(question, { found: new Map(), judged: () => undefined })

  test('replayed unaltered computes nothing anew', () => {
    const again = tape.replay(() => undefined)
    for (const [path, { x }] of tape.exposed) expect(again.get(path)?.x).toBe(x)
  })

  test('gives what float64 gives', () => {
    const truth = evaluate(float64(), question)
    for (const [path, { x }] of tape.exposed) expect(truth.get(path)?.x).toEqual(x)
  })

  test('computes anew only what comes after an alteration', () => {
    const gelu = tape.replay((call, usual) =>
      call.step === 'gelu' ? withRule(usual, { gelu: (x) => x }) : undefined,
    )
    expect(gelu.get('norm')?.x).toBe(tape.exposed.get('norm')?.x)
    expect(gelu.get('gelu')?.x).not.toBe(tape.exposed.get('gelu')?.x)
    expect(gelu.get('M')?.x).not.toBe(tape.exposed.get('M')?.x)
  })

  test('knows in which of the runtime’s tensors a call shows', () => {
    const upstream = record(question, { found: answer(question), judged: () => undefined })
    const norm = upstream.calls.find(({ step }) => step === 'layerNorm')
    expect(norm && [...upstream.reach(norm)]).toEqual(['norm'])
    const outputs = new Map([...answer(question)].filter(([path]) => path === 'M'))
    const alone = record(question, { found: outputs, judged: () => undefined })
    const convolution = alone.calls.find(({ step }) => step === 'convolve')
    expect(convolution && [...alone.reach(convolution)]).toEqual(['M'])
  })
})

test('noisy64 differs from float64 by rounding of float32, otherwise in each draw', () => {
  const tape = record(question, { found: new Map(), judged: () => undefined })
  const squares = new Map()
  const [one, same, other] = [1, 1, 2].map((seed) => tape.replay(noisy64(seed, squares)).get('norm'))
  const truth = tape.exposed.get('norm')
  if (one?.kind !== 'dense' || other?.kind !== 'dense' || truth?.kind !== 'dense')
    throw new TypeError('norm is dense')
  expect(one).toEqual(same)
  expect(one).not.toEqual(other)
  for (const [i, value] of [...truth.x.data].entries()) {
    const most = 2 ** -24 * 40 * (1 + Math.abs(value))
    expect(Math.abs(one.x.data[i] - value)).toBeLessThan(most)
    expect(one.x.data[i]).not.toBe(value)
  }
})
