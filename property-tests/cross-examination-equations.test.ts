import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withRule, type Arithmetic, type Kinds } from '../reference/arithmetic.ts'
import type { Evaluator, Value } from '../reference/evaluator.ts'
import { exactAnswer, type ExactTensor } from '../reference/exact/index.ts'
import { float32Dense, type FullKinds } from '../reference/float32/index.ts'
import { evaluate } from '../src/arithmetics/evaluate.ts'
import { arithmeticNamed } from '../src/arithmetics/index.ts'
import { read, type Exposed } from '../src/arithmetics/recording.ts'
import type { Question } from '../src/cases/question.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { map, productInFloat32 } from '../src/laws/mutants.ts'
import { nastyQuestion } from './nasty.ts'
import { exactArray } from './running-error/array.ts'
import { maskAsNumbers, runningError, type RunningArray, type RunningKinds } from './running-error/index.ts'
import { parameters } from './seed.ts'
import { compareWithin, type Compared } from './within-error.ts'

const RUNS = 8
const AROUND_RUNS = 3
/** A planted bug need not show in every question; this many it must not survive. */
const BUG_RUNS = 150
/** The largest extent, where the equation can do with so little. */
const LARGEST = 3
/** Enough for sums of 10³⁰ that cancel but for 10⁻³⁰. */
const DIGITS = 100

type Precision = 'float32' | 'float64'
type Answer = ReadonlyMap<string, Value>
type Worst = Compared & { readonly name: string }
const NONE: Compared = { judged: 0, all: 0, worst: 0, index: -1 }

function numbersOf(value: Value): Parameters<typeof compareWithin>[0] {
  return value.kind === 'mask' ? value.mask.data : value.tensor.data
}

function boundsOf(exposed: Exposed<RunningKinds>): RunningArray {
  return exposed.kind === 'mask' ? maskAsNumbers(exposed.x) : exposed.x
}

/** The bounds of every tensor, carried from the inputs, or starting anew from each tensor that was `answered`. */
function bounds(
  question: Question,
  precision: Precision,
  answered?: Answer,
): ReadonlyMap<string, RunningArray> {
  const given = (path: string, { kind }: Exposed<RunningKinds>): Exposed<RunningKinds> | undefined => {
    const own = answered?.get(path)
    if (own?.kind !== 'dense' || kind === 'mask') return undefined
    return { kind, x: exactArray(own.tensor) }
  }
  const exposed = evaluate(runningError(precision), question, given)
  return new Map([...exposed].map(([name, one]) => [name, boundsOf(one)]))
}

/** The exact values with those bounds; an exact value has an error too, 10⁻⁶⁰ of it. */
function around(exact: ExactTensor, { shape, items }: RunningArray): RunningArray {
  if (exact.kind === 'mask') {
    const numbers = exactArray({ shape, data: Float64Array.from(exact.data) })
    return { shape, items: numbers.items.map(({ value }, i) => ({ value, error: items[i].error })) }
  }
  return {
    shape,
    items: exact.values.map(({ value, error }, i) => ({ value, error: items[i].error + 10 ** error })),
  }
}

/** Where the contract says that a tensor means something: everywhere, or where a mask is 1. */
function isSkipped(
  { equation, tensors }: Question,
  name: string,
  answer: Answer,
): (index: number) => boolean {
  const mask = equation.exposes[name].judgedAt
  const found = mask === undefined ? undefined : (answer.get(mask) ?? tensors.get(`input.${mask}`))
  return found?.kind === 'mask' ? (index) => found.mask.data[index] === 0 : () => false
}

/** The worst tensor of an answer against bounds by name. */
function worstOf(question: Question, answer: Answer, expected: ReadonlyMap<string, RunningArray>): Worst {
  let [judged, all, worst] = [0, 0, { ...NONE, name: '' }]
  for (const [name, array] of expected) {
    const found = answer.get(name)
    if (found === undefined) expect.unreachable(`${name} was not answered`)
    const compared = compareWithin(numbersOf(found), array, isSkipped(question, name, answer))
    judged += compared.judged
    all += compared.all
    if (!(compared.worst <= worst.worst)) worst = { ...compared, name }
  }
  return { ...worst, judged, all }
}

/** Carried from the inputs: the whole equation against exact. */
function againstExact(
  question: Question,
  answer: Answer,
  precision: Precision,
  exact: ReadonlyMap<string, ExactTensor>,
): Worst {
  const carried = [...bounds(question, precision)].map(([name, array]) => {
    const value = exact.get(name)
    if (value === undefined) expect.unreachable(`exact has no ${name}`)
    return [name, around(value, array)] as const
  })
  return worstOf(question, answer, new Map(carried))
}

/** Each tensor against what follows in 64 digits from the ones before it, as they were answered. */
function stageByStage(question: Question, answer: Answer, precision: Precision): Worst {
  return worstOf(question, answer, bounds(question, precision, answer))
}

function answerIn<K extends Kinds>(evaluator: Evaluator<K>, question: Question): Answer {
  return new Map([...evaluate(evaluator, question)].map(([name, x]) => [name, read(evaluator, x)]))
}

const precisions = ['float32', 'float64'] as const
const equations = catalogue.filter(({ id }) => /\/eq\d+$/.test(id))

test('there are eighteen equations', () => {
  expect(equations.length).toBe(18)
})

describe.each(catalogue.map((equation) => [equation.id, equation] as const))('%s', (_, equation) => {
  const runs = equations.includes(equation) ? RUNS : AROUND_RUNS

  test('float32 and float64 are within their own errors of exact', () => {
    fc.assert(
      fc.property(nastyQuestion(equation, LARGEST), (question) => {
        const exact = exactAnswer(question, { digits: DIGITS })
        for (const precision of precisions) {
          const answer = arithmeticNamed(precision).answer(question)
          const { worst, name, index } = againstExact(question, answer, precision, exact)
          expect(worst, `${precision} ${name}[${index}]`).toBeLessThanOrEqual(1)
        }
      }),
      parameters(runs),
    )
  })

  test('and so is every tensor, starting from those it was computed from', () => {
    let [judged, all] = [0, 0]
    fc.assert(
      fc.property(nastyQuestion(equation, LARGEST), (question) => {
        for (const precision of precisions) {
          const answer = arithmeticNamed(precision).answer(question)
          const found = stageByStage(question, answer, precision)
          expect(found.worst, `${precision} ${found.name}[${found.index}]`).toBeLessThanOrEqual(1)
          judged += found.judged
          all += found.all
        }
      }),
      parameters(runs),
    )
    // overflow and places outside a mask aside, nothing is excused
    expect(judged / all).toBeGreaterThan(0.3)
  })
})

type Rules = Arithmetic<FullKinds>

/** Planted bugs, and equations in which they must be found by both comparisons. */
const bugs: readonly (readonly [
  name: string,
  ids: readonly string[],
  plant: (rules: Rules) => Partial<Rules>,
])[] = [
  [
    'a product of matrices summed in float32',
    ['sparsifiner/eq1', 'sparsifiner/eq6'],
    () => ({
      matmul: productInFloat32,
      sparseMatmulDense: ({ values }, y) => productInFloat32(values, y),
    }),
  ],
  [
    'GELU by tanh',
    ['stvit/eq2', 'stvit/eq4'],
    () => ({
      gelu: (x) => map(x, (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
    }),
  ],
  [
    'ε of 1e-5',
    ['stvit/eq4', 'stvit/eq6'],
    (rules) => ({
      layerNorm: (x, weight, bias, eps) => rules.layerNorm(x, weight, bias, Math.max(eps, 1e-5)),
    }),
  ],
  [
    'the operands of a concatenation exchanged',
    ['stvit/eq2', 'stvit/eq3'],
    (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
  ],
  [
    'a log-softmax of the stored softmax',
    ['sparsifiner/eq7', 'sparsifiner/eq9'],
    (rules) => ({ logSoftmax: (x) => map(rules.softmax(x), Math.log) }),
  ],
  [
    'a mean over one too few',
    ['sparsifiner/eq8', 'sparsifiner/eq10'],
    (rules) => ({
      mean: (x, over) => map(rules.mean(x, over), (value) => (value * x.size) / Math.max(1, x.size - 1)),
    }),
  ],
]

describe('a planted bug is found:', () => {
  const cases = bugs.flatMap(([name, ids, plant]) => ids.map((id) => [name, id, plant] as const))
  test.each(cases)('%s, in %s', (_, id, plant) => {
    const equation = catalogue.find((one) => one.id === id)
    if (equation === undefined) expect.unreachable(`no ${id}`)
    const sound = float32Dense()
    const evaluator = { ...sound, rules: withRule(sound.rules, plant(sound.rules)) }
    const drawn = fc.sample(nastyQuestion(equation, LARGEST), parameters(BUG_RUNS))
    const isFound = (compare: (question: Question, answer: Answer) => Worst): boolean =>
      drawn.some((question) => compare(question, answerIn(evaluator, question)).worst > 1)

    expect(isFound((question, answer) => stageByStage(question, answer, 'float32'))).toBe(true)
    const whole = isFound((question, answer) =>
      againstExact(question, answer, 'float32', exactAnswer(question, { digits: DIGITS })),
    )
    expect(whole).toBe(true)
  })
})
