import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value } from '../reference/evaluator.ts'
import { certain, exactAnswer, type ExactInput, type ExactQuestion } from '../reference/exact/index.ts'
import { tensor } from '../reference/tensor.ts'
import { arithmeticNamed } from '../src/arithmetics/index.ts'
import { buildQuestion, type Question } from '../src/cases/question.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { random } from '../src/random.ts'
import { parameters } from './seed.ts'

const RUNS = 5
const CHOICE_RUNS = 100

/** Unit roundoffs. */
const ROUNDOFF = { float64: 2 ** -53, float32: 2 ** -24 } as const

/**
 * Roundings one after another on the longest path from an input to an output of these small shapes: up to about 25 in
 * each of the sums (channels, keys, kernels; fewer than 16 each), and a handful of functions between them.
 */
const DEPTH = 128

/** How far inputs are moved, relatively, to see how far the answer moves: far above 10⁻⁶⁴, where it is still linear. */
const NUDGE = 2 ** -40

/** The question with every input and param moved by up to NUDGE of itself. */
function nudged(question: Question, seed: number): ExactQuestion {
  const source = random(seed)
  const tensors = new Map<string, ExactInput>()
  for (const [name, value] of question.tensors) {
    if (value.kind === 'mask') tensors.set(name, value)
    else {
      const { data, shape } = value.tensor
      const moved = Float64Array.from(data, (x) => x * (1 + NUDGE * (2 * source.uniform() - 1)))
      tensors.set(name, { kind: 'dense', tensor: { shape, data: moved } })
    }
  }
  return { ...question, tensors }
}

function largestOf(values: Iterable<number>): number {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  return largest
}

/**
 * What rounding may do to each tensor, in unit roundoffs: every one of DEPTH roundings moves something upstream by one of
 * them. What that something is worth is seen from two sides: the largest number so far (cancellation leaves its error),
 * and how the tensor moves when the inputs do (division by a small deviation magnifies it).
 */
function leeway(
  question: Question,
  exact: ReadonlyMap<string, Value>,
  seed: number,
): ReadonlyMap<string, number> {
  const moved = exactAnswer(nudged(question, seed), { digits: 40 })
  let largest = 0
  for (const value of question.tensors.values()) {
    if (value.kind === 'dense') largest = Math.max(largest, largestOf(value.tensor.data))
  }
  const allowed = new Map<string, number>()
  for (const [name, value] of exact) {
    const other = moved.get(name)
    if (value.kind === 'mask' || other?.kind !== 'dense') continue
    const { data } = value.tensor
    const steps = other.values.map((ball, index) => ball.value.minus(data[index]).toNumber())
    largest = Math.max(largest, largestOf(data))
    allowed.set(name, DEPTH * (largest + largestOf(steps) / NUDGE))
  }
  return allowed
}

/** Where the equation says that a tensor means something: everywhere, or where a mask is 1. */
function judgedAt(
  { equation, tensors }: Question,
  name: string,
  exact: ReadonlyMap<string, Value>,
): (index: number) => boolean {
  const mask = equation.exposes[name].judgedAt
  const found = mask === undefined ? undefined : (exact.get(mask) ?? tensors.get(`input.${mask}`))
  return found?.kind === 'mask' ? (index) => found.mask.data[index] === 1 : () => true
}

describe.each(catalogue.map((equation) => [equation.id, equation] as const))('%s', (_, equation) => {
  test.each(['float64', 'float32'] as const)('%s says the same', (name) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const question = sample(equation, seed, { largest: 5 })
        const exact = certain(question).float64
        const found = arithmeticNamed(name).answer(question)
        expect([...found.keys()]).toEqual([...exact.keys()])

        const allowed = leeway(question, exact, seed)
        for (const [output, value] of exact) {
          const other = found.get(output)
          if (value.kind === 'mask' || other?.kind !== 'dense') {
            expect(other, output).toEqual(value)
            continue
          }
          expect([...other.tensor.shape], output).toEqual([...value.tensor.shape])
          const judged = judgedAt(question, output, exact)
          const bound = (allowed.get(output) ?? 0) * ROUNDOFF[name]
          value.tensor.data.forEach((x, index) => {
            if (judged(index))
              expect(Math.abs(other.tensor.data[index] - x), `${output}[${index}]`).toBeLessThanOrEqual(bound)
          })
        }
      }),
      parameters(RUNS),
    )
  })
})

test('sparsifiner/eq3 chooses the same among scores that tie, cancel and are zero', () => {
  const equation = catalogue.find(({ id }) => id === 'sparsifiner/eq3')
  if (equation === undefined) expect.unreachable('no sparsifiner/eq3')
  const whole = (size: number): fc.Arbitrary<Float32Array> =>
    fc
      .array(fc.integer({ min: -2, max: 2 }), { minLength: size, maxLength: size })
      .map((x) => Float32Array.from(x))
  const [n, m] = [6, 3]
  fc.assert(
    fc.property(whole(n * m), whole(m * n), fc.integer({ min: 0, max: n }), (A_tilde, W_up, budget) => {
      const tensors = new Map<string, Value>([
        ['input.A_tilde', { kind: 'dense', tensor: tensor(A_tilde, [n, m]) }],
        ['param.W_up', { kind: 'dense', tensor: tensor(W_up, [m, n]) }],
      ])
      const question = buildQuestion(equation, tensors, { budget })
      const exact = certain(question).float32.get('M')
      for (const name of ['float64', 'float32', 'float32-dense']) {
        expect(arithmeticNamed(name).answer(question).get('M'), name).toEqual(exact)
      }
    }),
    parameters(CHOICE_RUNS),
  )
})
