import type { Value } from '../../reference/evaluator.ts'
import { certain, estimatedSeconds } from '../../reference/exact/index.ts'
import type { Question } from '../cases/question.ts'
import { QuestionError } from '../errors.ts'

export const EXACT = 'exact'

/** Longer than this nobody is made to wait without having asked for it in smaller pieces. */
const PATIENCE = 120

/**
 * Answers a question with its scalar transcription, correctly rounded to float64: not an arithmetic, but a second text.
 * @returns every output and intermediate by name, in order of computing
 * @throws QuestionError where the estimated time is beyond two minutes
 */
export function exactAnswers(question: Question): ReadonlyMap<string, Value> {
  const seconds = estimatedSeconds(question)
  if (seconds > PATIENCE) {
    throw new QuestionError({
      tensor: '--arithmetic',
      expected: `shapes that 64 digits can do in ${PATIENCE} s`,
      found: `shapes that would take about ${duration(seconds)}`,
      hint: 'float64 is within its own rounding of it',
    })
  }
  return certain(question).float64
}

function duration(seconds: number): string {
  if (seconds < 600) return `${Math.round(seconds)} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
