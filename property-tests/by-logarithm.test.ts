import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withRule } from '../reference/arithmetic.ts'
import type { Evaluator } from '../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { mayBeOfSoftmax } from '../src/cli/by-logarithm.ts'
import { equations, surroundings } from '../src/catalogue/index.ts'
import { primitivesOf } from '../src/catalogue/probes/primitives-of.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import { fromReal, real, type RawTensor } from '../src/cases/raw-tensor.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { judgeUnder } from '../src/verdict/judge/index.ts'
import type { Judgement } from '../src/verdict/judgement.ts'
import { portable } from '../src/verdict/profile/shipped.ts'
import { answerOf, type Exposure } from './directions-lab.ts'
import { parameters } from './seed.ts'

const judge = judgeUnder(portable)
const wider = judgeUnder({ ...portable, rewrites: { ...portable.rewrites, logSumExpSoftmax: true } })
const withSoftmax = [...equations, ...surroundings].filter(
  (equation) => primitivesOf(equation).has('softmax') || primitivesOf(equation).has('maskedSoftmax'),
)

/** exp(x − log Σ exp x), every step rounded. */
function byLogarithm(x: Tensor): Tensor {
  const f = Math.fround
  const width = x.shape.at(-1) ?? 1
  const out = new Float32Array(x.size)
  for (let start = 0; start < x.size; start += width) {
    const row = [...x.data.subarray(start, start + width)]
    const max = Math.max(...row)
    const l = f(max + f(Math.log(row.reduce((sum, z) => f(sum + f(Math.exp(f(z - max)))), 0))))
    row.forEach((z, i) => (out[start + i] = Math.exp(f(z - l))))
  }
  return tensor(out, x.shape)
}

function runtime(isByLogarithm: boolean): Evaluator<FullKinds> {
  const base = float32Dense()
  return isByLogarithm ? { ...base, rules: withRule(base.rules, { softmax: byLogarithm }) } : base
}

type Outputs = ReadonlyMap<string, RawTensor>

/** One of the tensors with one of its elements a little off. */
function damaged(outputs: Outputs, which: number, by: number): Outputs {
  const name = [...outputs.keys()][which % outputs.size]
  return new Map(
    [...outputs].map(([key, raw]) => {
      if (key !== name || raw.dtype !== 'F32') return [key, raw]
      const values = Float32Array.from(real(raw))
      values[which % values.length] *= 1 + by
      return [key, fromReal(values, raw.shape)]
    }),
  )
}

const isRed = ({ verdict }: Judgement): boolean => verdict === 'fail' || verdict === 'suspect'

test.each(withSoftmax.map((equation) => [equation.id, equation] as const))(
  '%s: what no softmax leads to is as wrong where a softmax may lose more',
  (_, equation) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.constantFrom<Exposure>('outputs', 'everything'),
        fc.boolean(),
        fc.nat(1000),
        fc.constantFrom(0, 2 ** -20, 2 ** -12, 2 ** -4),
        (seed, exposure, isByLogarithm, which, by) => {
          const question = sample(equation, seed, { largest: 5 })
          const answer = answerOf(runtime(isByLogarithm), question, exposure)
          const outputs = damaged(
            new Map([...answer].map(([name, value]) => [name, rawOf(value)])),
            which,
            by,
          )
          const judgement = judge.judge(question, outputs)
          if (!isRed(judgement) || mayBeOfSoftmax(judgement, question, outputs)) return
          expect(wider.judge(question, outputs).verdict).not.toBe('pass')
        },
      ),
      parameters(25),
    )
  },
)

describe('of a layer that shows everything', () => {
  const question = sample(findEquation('stvit/eq1'), 3, { largest: 6 })
  const honest = new Map(
    [...answerOf(runtime(false), question, 'everything')].map(([name, value]) => [name, rawOf(value)]),
  )
  const off = (name: string): boolean => {
    const outputs = damaged(honest, [...honest.keys()].indexOf(name), 0.5)
    const judgement = judge.judge(question, outputs)
    expect(isRed(judgement)).toBe(true)
    return mayBeOfSoftmax(judgement, question, outputs)
  }

  test.each(['q', 'k', 'scores', 'heads', 'fc1', 'gelu'])('%s is not judged again', (name) => {
    expect(off(name)).toBe(false)
  })

  test.each<Exposure>(['everything', 'outputs'])('a wrong softmax is, by %s', (exposure) => {
    const base = float32Dense()
    const rules = withRule(base.rules, { softmax: (x) => base.rules.scale(base.rules.softmax(x), 1.25) })
    const answer = answerOf({ ...base, rules }, question, exposure)
    const outputs = new Map([...answer].map(([name, value]) => [name, rawOf(value)]))
    const judgement = judge.judge(question, outputs)
    expect([isRed(judgement), mayBeOfSoftmax(judgement, question, outputs)]).toEqual([true, true])
  })

  test('its last output is not, where that is off from the one before', () => {
    const alone = new Map([...honest].filter(([name]) => name === 'S_hat' || name === 'S'))
    const outputs = damaged(alone, 1, 0.5)
    const judgement = judge.judge(question, outputs)
    expect([isRed(judgement), mayBeOfSoftmax(judgement, question, outputs)]).toEqual([true, false])
  })

  test('a tensor of another shape is not', () => {
    const [raw] = [...honest.values()]
    const outputs = new Map([['S', raw]])
    const judgement = judge.judge(question, outputs)
    expect([isRed(judgement), mayBeOfSoftmax(judgement, question, outputs)]).toEqual([true, false])
  })
})
