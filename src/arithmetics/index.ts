import type { Kinds } from '../../reference/arithmetic.ts'
import type { Evaluator, Value } from '../../reference/evaluator.ts'
import { float32, float32Dense, type Work } from '../../reference/float32/index.ts'
import type { Question } from '../cases/question.ts'
import { hintFor } from '../cases/suggest.ts'
import { QuestionError } from '../errors.ts'
import { evaluate } from './evaluate.ts'
import { float64 } from './float64.ts'
import { read } from './recording.ts'
import type { RuntimeDesign } from './simulated/design.ts'
import { simulated, SIMULATED } from './simulated/index.ts'
import { parseDesign } from './simulated/parse-design.ts'

/** An arithmetic that answers questions, whatever its kinds. */
export interface Answerer {
  readonly name: string
  readonly about: string
  /**
   * Evaluates the question.
   * @returns every exposed tensor by name, outputs and intermediates, in order of computing
   */
  answer(question: Question): ReadonlyMap<string, Value>
  /** Hands out the evaluator behind it. */
  use<R>(user: <K extends Kinds>(evaluator: Evaluator<K>) => R): R
}

function answerer<K extends Kinds>(about: string, evaluator: Evaluator<K>): Answerer {
  return {
    name: evaluator.name,
    about,
    answer(question) {
      const exposed = evaluate(evaluator, question)
      return new Map([...exposed].map(([name, x]) => [name, read(evaluator, x)]))
    },
    use: (user) => user(evaluator),
  }
}

/** The arithmetics that `--arithmetic` knows. */
export const arithmetics: readonly Answerer[] = [
  answerer('the reference: float32 between primitives, float64 inside, sparse rows compressed', float32()),
  answerer('the reference’s numbers on whole rows', float32Dense()),
  answerer('truth: float64 throughout', float64()),
  simulatedAnswerer(),
]

/** A runtime of that design as an arithmetic; the plain one where none is given. It shows what such a runtime holds. */
export function simulatedAnswerer(design?: Partial<RuntimeDesign>): Answerer {
  const runtime = simulated(design)
  const about = 'a float32 runtime played step by step; simulated:OPTION=VALUE,… for a design'
  return {
    ...answerer(about, runtime),
    answer(question) {
      const exposed = [...evaluate(runtime, question)]
      const held = exposed.filter(([, { kind, x }]) => kind !== 'dense' || !runtime.unseen(x))
      return new Map(held.map(([name, x]) => [name, read(runtime, x)]))
    },
  }
}

/**
 * The arithmetic of that name; `simulated:accumulate=blocked:16,matmul=tf32` names a design.
 * @param others names that the caller knows besides, for the suggestion
 * @throws QuestionError with the nearest known name, or the option of a design that is none
 */
export function arithmeticNamed(name: string, others: readonly string[] = []): Answerer {
  const found = arithmetics.find((arithmetic) => arithmetic.name === name)
  if (found !== undefined) return found
  if (name.startsWith(`${SIMULATED}:`))
    return simulatedAnswerer(parseDesign(name.slice(SIMULATED.length + 1)))
  const known = [...arithmetics.map((arithmetic) => arithmetic.name), ...others]
  throw new QuestionError({
    tensor: '--arithmetic',
    expected: 'a known arithmetic',
    found: `"${name}"`,
    hint: hintFor(name, known),
  })
}

/** Whether the name is that of a simulated runtime, with a design or without. */
export function isSimulated(name: string): boolean {
  return name === SIMULATED || name.startsWith(`${SIMULATED}:`)
}

/** Answers in the reference, counting the multiply-adds that its sparse products really did. */
export function answerCounting(question: Question): { exposed: ReadonlyMap<string, Value>; work: Work } {
  const work: Work = { multiplyAdds: 0 }
  return { exposed: answerer('', float32(work)).answer(question), work }
}
