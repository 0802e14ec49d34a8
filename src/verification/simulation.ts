import { arithmeticNamed, simulatedAnswerer } from '../arithmetics/index.ts'
import type { RuntimeDesign } from '../arithmetics/simulated/design.ts'
import type { Question } from '../cases/question.ts'
import { rawOf } from '../cases/write-case.ts'
import { worstOf, type Judge, type Verdict } from '../verdict/judgement.ts'
import { carriedError, feedbackOf, type Feedback } from './depth.ts'
import { outputLoss, relativeChange, type JudgedOutput, type OutputLoss } from './loss.ts'

/** What a design would lose on an equation. */
export interface Simulation {
  readonly id: string
  readonly design: RuntimeDesign
  readonly cases: number
  /** The verdict it would get: the worst of its cases'. */
  readonly verdict: Verdict
  readonly outputs: readonly OutputLoss[]
  readonly drift: Drift
}

/** How far the equation's last output moves, relative to its RMS, or the share of a mask's entries that flip; the largest of the cases. */
export interface Drift {
  readonly output: string
  readonly kind: 'dense' | 'mask'
  readonly simulated: number | null
  /** The same for the reference, which rounds once a primitive. */
  readonly reference: number | null
  /** With its output fed back as its input; absent where no output has an input's shape. */
  readonly repeated?: Feedback & {
    /** How often it was repeated: less often than asked for where values stopped being finite. */
    readonly layers: number
    /** The change after the first and after the last of them; null where there is none. */
    readonly first: number | null
    readonly last: number | null
    readonly finite: boolean
  }
}

/**
 * Plays a runtime of that design on the questions, all of one equation, and measures what it loses.
 * @param judge of whom the verdict is asked
 * @param depth how often the equation is repeated to see what is carried
 * @param intermediates whether documented intermediates are measured and judged too
 */
export function simulate(
  design: RuntimeDesign,
  questions: readonly Question[],
  {
    judge,
    depth,
    intermediates,
  }: { readonly judge: Judge; readonly depth: number; readonly intermediates: boolean },
): Simulation {
  const [truth, reference] = [arithmeticNamed('float64'), arithmeticNamed('float32')]
  const runtime = simulatedAnswerer(design)
  const [{ equation }] = questions
  const judged = new Map<string, JudgedOutput[]>()
  const verdicts: Verdict[] = []
  let drift: readonly [number, number] = [0, 0]
  const lastOutput = Object.entries(equation.exposes).findLast(([, { output }]) => output === true)?.[0] ?? ''

  for (const question of questions) {
    const [exact, found] = [truth.answer(question), runtime.answer(question)]
    const shown = [...found].filter(([name]) => intermediates || equation.exposes[name].output === true)
    const { verdict, outputs } = judge.judge(
      question,
      new Map(shown.map(([name, value]) => [name, rawOf(value)])),
    )
    verdicts.push(verdict)
    for (const judgement of outputs) {
      const of = { truth: exact.get(judgement.name), found: found.get(judgement.name) }
      if (of.truth === undefined || of.found === undefined) continue
      const entry = { truth: of.truth, found: of.found, judgement }
      judged.set(judgement.name, [...(judged.get(judgement.name) ?? []), entry])
    }
    const change = (answer: ReadonlyMap<string, JudgedOutput['truth']>): number => {
      const [x, y] = [exact.get(lastOutput), answer.get(lastOutput)]
      return x === undefined || y === undefined ? NaN : relativeChange(y, x)
    }
    drift = [Math.max(drift[0], change(found)), Math.max(drift[1], change(reference.answer(question)))]
  }

  const feedback = feedbackOf(equation)
  const carried =
    feedback === undefined
      ? []
      : questions.map((question) => carriedError(runtime, truth, question, depth, feedback))
  const layers = Math.min(...carried.map((changes) => changes.length))
  const after = (layer: number): number | null =>
    layers === 0 ? null : Math.max(...carried.map((changes) => changes[layer - 1]))
  return {
    id: equation.id,
    design,
    cases: questions.length,
    verdict: worstOf(verdicts),
    outputs: [...judged].map(([name, entries]) => outputLoss(name, entries)),
    drift: {
      output: lastOutput,
      kind: equation.exposes[lastOutput]?.kind ?? 'dense',
      simulated: finite(drift[0]),
      reference: finite(drift[1]),
      ...(feedback === undefined
        ? {}
        : {
            repeated: {
              ...feedback,
              layers,
              first: after(1),
              last: after(layers),
              finite: layers === depth,
            },
          }),
    },
  }
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null
}
