import type { Answerer } from '../arithmetics/index.ts'
import { sample } from '../catalogue/sample.ts'
import type { Equation } from '../catalogue/schema.ts'
import type { Question } from '../cases/question.ts'
import { rawOf } from '../cases/write-case.ts'
import { judge } from '../verdict/index.ts'
import type { Judgement } from '../verdict/judgement.ts'

/** One case answered and judged. */
export interface CaseResult extends Judgement {
  /** The photograph the question was made of; null for a drawn one. */
  readonly file: string | null
  /** The seed that draws it again. */
  readonly seed: number
}

/** Answers a question in an arithmetic, intermediates included, and has the answer judged like anybody's. */
export function judgeAnswer(
  answerer: Answerer,
  question: Question,
  file: string | null,
  seed: number,
): CaseResult {
  const outputs = [...answerer.answer(question)].map(([name, value]) => [name, rawOf(value)] as const)
  return { file, seed, ...judge.judge(question, new Map(outputs)) }
}

/** Judges the arithmetic on `cases` drawn questions of the equation, of seeds `seed`, `seed + 1`, … */
export function* drawnCases(
  answerer: Answerer,
  equation: Equation,
  seed: number,
  cases: number,
): Generator<CaseResult> {
  for (let i = 0; i < cases; i++) yield judgeAnswer(answerer, sample(equation, seed + i), null, seed + i)
}
