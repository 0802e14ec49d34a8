import type { Value } from '../../reference/evaluator.ts'
import { sameShape } from '../../reference/tensor.ts'
import type { Answerer } from '../arithmetics/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import { buildQuestion, type Question } from '../cases/question.ts'
import { relativeChange } from './loss.ts'

/** An output that has the shape of an input, so that one layer's answer can be the next one's question. */
export interface Feedback {
  readonly output: string
  readonly input: string
}

/** The last output that could be an input again, and the first such input; undefined where no shapes agree. */
export function feedbackOf({ inputs, exposes }: Equation): Feedback | undefined {
  const outputs = Object.entries(exposes).filter(([, { output, kind }]) => output === true && kind !== 'mask')
  for (const [output, { dims }] of outputs.toReversed()) {
    const input = Object.entries(inputs).find(
      ([, spec]) => dims.length > 1 && spec.kind !== 'mask' && sameDims(spec.dims, dims),
    )
    if (input !== undefined) return { output, input: input[0] }
  }
  return undefined
}

function sameDims(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis])
}

/**
 * Repeats an equation `depth` times, its output fed back as its input and all else the same, once in truth and once in the arithmetic
 * under test, each going on from its own.
 * @returns the relative RMS difference after each repetition, up to the first that is not finite
 */
export function carriedError(
  answerer: Answerer,
  truth: Answerer,
  question: Question,
  depth: number,
  { output, input }: Feedback,
): number[] {
  const changes: number[] = []
  let [ours, theirs] = [question, question]
  for (let layer = 0; layer < depth; layer++) {
    const [x, y] = [truth.answer(ours).get(output), answerer.answer(theirs).get(output)]
    if (x === undefined || y === undefined)
      throw new TypeError(`${question.equation.id} exposes no ${output}`)
    const change = relativeChange(y, x)
    if (!Number.isFinite(change)) break
    changes.push(change)
    ours = withInput(ours, input, x)
    theirs = withInput(theirs, input, y)
  }
  return changes
}

function withInput({ equation, tensors, asked }: Question, name: string, value: Value): Question {
  const before = tensors.get(`input.${name}`)
  if (
    before?.kind !== 'dense' ||
    value.kind !== 'dense' ||
    !sameShape(before.tensor.shape, value.tensor.shape)
  )
    throw new TypeError(`${equation.id}: what is fed back as ${name} has another shape`)
  return buildQuestion(equation, new Map([...tensors, [`input.${name}`, value]]), asked)
}
