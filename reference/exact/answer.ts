import { askOf, isMask, type ExactQuestion } from './ask.ts'
import { equations } from './equations.ts'
import type { Ball } from './numbers/ball.ts'

/** A tensor of numbers with their error bounds, or a mask; row-major. */
export type ExactTensor =
  | { readonly kind: 'dense'; readonly shape: readonly number[]; readonly values: readonly Ball[] }
  | { readonly kind: 'mask'; readonly shape: readonly number[]; readonly data: Uint8Array }

export interface ExactOptions {
  /** Significant decimal digits to compute with; 64 unless given, 1000 at most. */
  readonly digits?: number
}

export const DIGITS = 64

/**
 * Answers a question in decimal numbers, by the scalar transcription of its equation.
 * @returns every output and intermediate of the contract by name, in order of computing
 * @throws RangeError for an unknown id, a tensor that is missing or that holds NaN or an infinity
 */
export function exactAnswer(
  question: ExactQuestion,
  { digits = DIGITS }: ExactOptions = {},
): ReadonlyMap<string, ExactTensor> {
  const { id } = question.equation
  const equation = equations.get(id)
  if (equation === undefined) throw new RangeError(`exact: expected a known equation, found "${id}"`)
  const answer = new Map<string, ExactTensor>()
  for (const [name, found] of equation(askOf(question, digits))) {
    const { shape } = found
    if (isMask(found)) {
      answer.set(name, { kind: 'mask', shape, data: Uint8Array.from(found.values, Number) })
    } else answer.set(name, { kind: 'dense', shape, values: found.values })
  }
  return answer
}
