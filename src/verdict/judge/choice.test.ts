import { describe, expect, test } from 'vitest'
import { withRule } from '../../../reference/arithmetic.ts'
import type { Value } from '../../../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../../../reference/float32/index.ts'
import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { float64 } from '../../arithmetics/float64.ts'
import { read } from '../../arithmetics/recording.ts'
import { findEquation } from '../../cases/names.ts'
import { buildQuestion, type Question } from '../../cases/question.ts'
import { fromReal, real, type RawTensor } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
import type { OutputJudgement, Verdict } from '../judgement.ts'
import { UNCERTAIN } from './compare-dense.ts'
import { judge as derived } from '../index.ts'
import { portable } from '../profile/shipped.ts'
import { judgeUnder } from './index.ts'

type Rules = Arithmetic<FullKinds>

const dense = (shape: readonly number[], values: readonly number[]): Value => ({
  kind: 'dense',
  tensor: tensor(Float32Array.from(values), shape),
})

/**
 * One head of one channel, whose queries, keys and values are the tokens. Two coefficients a token: the first if its sign
 * is that of token 0, else the second; each has its row of W_up as scores.
 */
function question(
  tokens: readonly number[],
  W_up: readonly [readonly number[], readonly number[]],
  config: Record<string, number | string> = {},
): Question {
  const n = tokens.length
  const one = ['q', 'k', 'v', 'proj'].map(
    (name) => [`param.attn.${name}.weight`, dense([1, 1], [1])] as const,
  )
  const tensors = new Map([
    ['input.X', dense([n, 1], tokens)],
    ...one,
    ['param.W_down', dense([2, n], [4, ...tokens.slice(1).fill(0), -4, ...tokens.slice(1).fill(0)])],
    ['param.W_up', dense([2, n], W_up.flat())],
  ])
  return buildQuestion(findEquation('sparsifiner/attention'), tensors, {
    heads: 1,
    budget: 2,
    tau: 0.5,
    normalize: 'masked',
    ...config,
  })
}

function answer(
  asked: Question,
  plant: (rules: Rules) => Partial<Rules> = () => ({}),
): ReadonlyMap<string, RawTensor> {
  const sound = float32Dense()
  const evaluator = { ...sound, rules: withRule(sound.rules, plant(sound.rules)) }
  return new Map([...evaluate(evaluator, asked)].map(([name, x]) => [name, rawOf(read(evaluator, x))]))
}

/** Ties go to the higher column, as legal for who computed scores that differ in the last bit. */
const tiesUpward = (rules: Rules): Partial<Rules> => ({
  topK: ({ values, kept }, budget) => {
    const m = values.shape.at(-1) ?? 1
    const nudged = Float32Array.from(values.data, (value, i) => value * (1 + (i % m) * 1e-6))
    return rules.topK({ values: tensor(nudged, values.shape), kept }, budget)
  },
})

/** ≥ for >. */
const keepsTau = (rules: Rules): Partial<Rules> => ({ threshold: (x) => rules.threshold(x, 0.49) })

function judge(
  asked: Question,
  outputs: ReadonlyMap<string, RawTensor>,
  ...names: string[]
): OutputJudgement[] {
  const given = new Map([...outputs].filter(([name]) => names.includes(name)))
  return [...derived.judge(asked, given).outputs]
}

const verdicts = (outputs: readonly OutputJudgement[]): Record<string, Verdict> =>
  Object.fromEntries(outputs.map(({ name, verdict }) => [name, verdict]))

function damaged(outputs: ReadonlyMap<string, RawTensor>, name: string, row: number): Map<string, RawTensor> {
  const raw = outputs.get(name)
  if (raw === undefined) throw new Error(`no ${name}`)
  const data = Float32Array.from(real(raw))
  data[row] *= 1.001
  return new Map([...outputs, [name, fromReal(data, raw.shape)]])
}

/** Scores of which the second place is tied between columns 1 and 2, and scores without ties. */
const TIED = [0.04, 0.02, 0.02, 0.01]
const PLAIN = [0.01, 0.02, 0.03, 0.04]

describe.each(['masked', 'full'])('a tie of computed scores, %s', (normalize) => {
  // token 2 alone has the other sign, and so scores without ties
  const asked = question([1, 0.5, -1, 2], [TIED, PLAIN], { normalize })
  const [truth, other] = [answer(asked), answer(asked, tiesUpward)]

  test('either way the mask is right, and what follows is judged on it', () => {
    expect(other.get('eq3.M')).not.toEqual(truth.get('eq3.M'))
    for (const outputs of [truth, other]) {
      expect(verdicts(judge(asked, outputs, 'eq3.M', 'attn'))).toEqual({ 'eq3.M': 'pass', attn: 'pass' })
      const wrong = damaged(outputs, 'attn', 0)
      expect(verdicts(judge(asked, wrong, 'eq3.M', 'attn'))).toEqual({ 'eq3.M': 'pass', attn: 'fail' })
    }
  })

  test('what does not follow from the mask in the file fails', () => {
    const mixed = new Map([...truth, ['attn', other.get('attn') ?? expect.unreachable()]])
    expect(verdicts(judge(asked, mixed, 'eq3.M', 'attn'))).toEqual({ 'eq3.M': 'pass', attn: 'fail' })
  })

  test('without the mask, what hangs on the tie is judged on the choice that fits best', () => {
    for (const outputs of [truth, other]) {
      const [attn] = judge(asked, outputs, 'attn')
      expect(attn).toMatchObject({ verdict: 'pass', fromInputs: { elements: 4 } })
      // no choice explains it, but only of one choice at a time could that be proved
      expect(verdicts(judge(asked, damaged(outputs, 'attn', 0), 'attn'))).toEqual({ attn: 'suspect' })
      expect(verdicts(judge(asked, damaged(outputs, 'attn', 2), 'attn'))).toEqual({ attn: 'fail' })
    }
  })

  test('the choice that a bug needs is not among them', () => {
    const budget3 = answer(question([1, 0.5, -1, 2], [TIED, PLAIN], { normalize, budget: 3 }))
    expect(verdicts(judge(asked, budget3, 'attn'))).not.toEqual({ attn: 'pass' })
  })

  test('a judgement says how many rows it chose, and neither choice looks like a bug', () => {
    const always = judgeUnder(portable, 'always')
    for (const outputs of [truth, other]) {
      const found = always.judge(asked, new Map([...outputs].filter(([name]) => name === 'attn')))
      expect(found).toMatchObject({ verdict: 'pass', settled: [{ name: 'eq3.M', rows: 3 }] })
      expect(found.blame?.findings).toEqual([])
    }
    expect(always.judge(asked, truth).settled).toBeUndefined()
  })

  test('where there are too many choices, the verdict is none, and says why', () => {
    const [tokens, ties] = [12, new Array<number>(12).fill(0.01)]
    const all = question(
      Array.from({ length: tokens }, (_, i) => 1 + i / 8),
      [ties, ties],
      { normalize },
    )
    expect(judge(all, answer(all), 'attn')).toMatchObject([{ verdict: 'not-judged', reason: UNCERTAIN }])
    expect(verdicts(judge(all, answer(all), 'eq3.M', 'attn'))).toEqual({ 'eq3.M': 'pass', attn: 'pass' })
  })

  test('with the scores in the file there is nothing to choose', () => {
    expect(verdicts(judge(asked, truth, 'eq3.scores', 'eq3.M', 'attn'))).toMatchObject({ 'eq3.M': 'pass' })
    expect(verdicts(judge(asked, other, 'eq3.scores', 'eq3.M', 'attn'))).toMatchObject({ 'eq3.M': 'fail' })
    expect(verdicts(judge(asked, other, 'eq3.scores', 'attn'))).toMatchObject({ attn: 'fail' })
  })

  test.each([NaN, -Infinity, -1e9, 5])(
    'logits mean something only where the runtime’s own mask is 1, not where %d is',
    (stray) => {
      for (const outputs of [truth, other]) {
        const M = outputs.get('eq3.M') ?? expect.unreachable()
        const logits = outputs.get('eq4.logits') ?? expect.unreachable()
        const junk = fromReal(
          Float32Array.from(real(logits), (value, i) => (M.bytes[i] === 1 ? value : stray)),
          logits.shape,
        )
        const shown = new Map([...outputs, ['eq4.logits', junk]])
        for (const names of [['eq3.M'], []]) {
          const found = verdicts(judge(asked, shown, ...names, 'eq4.logits', 'attn'))
          expect(found).toMatchObject({ 'eq4.logits': 'pass', attn: 'pass' })
        }
      }
    },
  )

  test('a mask that no tie explains fails', () => {
    const budget3 = answer(question([1, 0.5, -1, 2], [TIED, PLAIN], { normalize, budget: 3 }))
    expect(verdicts(judge(asked, budget3, 'eq3.M'))).toEqual({ 'eq3.M': 'fail' })
  })
})

describe('a coefficient at τ', () => {
  // token 2 is 0, and so has two coefficients of a half
  const asked = question([1, 0.5, 0, 2], [TIED.with(2, 0.03), PLAIN])
  const [truth, other] = [answer(asked), answer(asked, keepsTau)]

  test('may stay or go, and what follows is judged on it', () => {
    expect(other.get('eq2.A_tilde')).not.toEqual(truth.get('eq2.A_tilde'))
    for (const outputs of [truth, other]) {
      const found = judge(asked, outputs, 'eq2.A_tilde', 'eq3.scores', 'eq3.M', 'attn')
      expect(new Set(Object.values(verdicts(found)))).toEqual(new Set(['pass']))
      expect(verdicts(judge(asked, outputs, 'eq3.M', 'attn'))).toEqual({ 'eq3.M': 'pass', attn: 'pass' })
      expect(judge(asked, outputs, 'attn')).toMatchObject([{ verdict: 'pass', fromInputs: { elements: 3 } }])
    }
  })

  test('is decided where the file has A_down', () => {
    const names = ['eq1.A_down', 'eq2.A_tilde']
    expect(verdicts(judge(asked, truth, ...names))).toMatchObject({ 'eq2.A_tilde': 'pass' })
    expect(verdicts(judge(asked, other, ...names))).toMatchObject({ 'eq2.A_tilde': 'fail' })
  })
})

test('what an option leaves out is not judged', () => {
  const asked = question([1, 0.5, -1, 2], [TIED, PLAIN])
  const stray = new Map([['class.A', fromReal(new Float32Array(4), [1, 1, 4])]])
  expect(derived.judge(asked, stray).outputs).toEqual([
    { name: 'class.A', verdict: 'not-judged', reason: 'does not come about without class_row "dense"' },
  ])
})

test('a weight that is shown as 0 because it underflows may not be what wider registers went on with', () => {
  // token 0 attends to token 1 alone, by e^−104, half of the smallest float32
  const asked = question([12, 10 / 3, -1, 2], [[0.01, 0.04, 0.02, 0.03], PLAIN], {
    budget: 1,
    normalize: 'full',
  })
  const wide = float64()
  const shown = new Map(
    [...evaluate(wide, asked)].map(([name, x]) => {
      const raw = rawOf(read(wide, x))
      return [name, raw.dtype === 'F64' ? fromReal(Float32Array.from(real(raw)), raw.shape) : raw]
    }),
  )
  const first = (name: string): readonly number[] =>
    [...real(shown.get(name) ?? expect.unreachable())].slice(0, 4)
  expect(first('eq4.A_sparse')).toEqual([0, 0, 0, 0])
  expect(first('eq6.X_next')[0]).toBeGreaterThan(0)
  expect(derived.judge(asked, shown).verdict).toBe('pass')
})
