import type { Value } from '../../reference/evaluator.ts'
import type { Real } from '../../reference/tensor.ts'
import type { Answerer } from '../arithmetics/index.ts'
import { probeQuestion, probesFor } from '../catalogue/probes/index.ts'
import { sample } from '../catalogue/sample.ts'
import type { Equation } from '../catalogue/schema.ts'
import type { Question } from '../cases/question.ts'
import { rawOf } from '../cases/write-case.ts'
import { judge } from '../verdict/index.ts'
import { worstOf, type Judgement, type OutputJudgement } from '../verdict/judgement.ts'

/** One case answered and judged. */
export interface CaseResult extends Judgement {
  /** The photograph the question was made of; null for a drawn one. */
  readonly file: string | null
  /** The probe that drew it, if one did. */
  readonly probe?: string
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

/** Judges the arithmetic on each probe of the equation; what is exact in any order of summing must be exact. */
export function* probedCases(answerer: Answerer, equation: Equation, seed: number): Generator<CaseResult> {
  for (const probe of probesFor(equation)) {
    const question = probeQuestion(probe, equation, seed)
    const judged = judgeAnswer(answerer, question, null, seed)
    const exact = probe.exact?.(question)
    const held = exact === undefined ? judged : demandExact(judged, exact, answerer.answer(question))
    yield { ...held, probe: probe.name }
  }
}

/** The judgement with every tensor failed that is not what it must be in any order of summing. */
function demandExact(
  judged: CaseResult,
  exact: ReadonlyMap<string, Value>,
  found: ReadonlyMap<string, Value>,
): CaseResult {
  const outputs = judged.outputs.map((output): OutputJudgement => {
    const [expected, given] = [exact.get(output.name), found.get(output.name)]
    if (expected === undefined || given === undefined || sameValues(given, expected)) return output
    return { ...output, verdict: 'fail', reason: 'not exact, though it is in any order of summing' }
  })
  return { ...judged, outputs, verdict: worstOf(outputs.map(({ verdict }) => verdict)) }
}

function sameValues(found: Value, expected: Value): boolean {
  const [x, y] = [dataOf(found), dataOf(expected)]
  return x.length === y.length && x.every((value, i) => value === y[i])
}

function dataOf(value: Value): Real | Uint8Array {
  return value.kind === 'dense' ? value.tensor.data : value.mask.data
}
