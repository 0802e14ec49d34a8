import type { Value } from '../../reference/evaluator.ts'
import type { Real } from '../../reference/tensor.ts'
import type { Answerer } from '../arithmetics/index.ts'
import { probeQuestion, probesFor, type Probe } from '../catalogue/probes/index.ts'
import { sample } from '../catalogue/sample.ts'
import type { Equation } from '../catalogue/schema.ts'
import type { Question } from '../cases/question.ts'
import { rawOf } from '../cases/write-case.ts'
import { judge } from '../verdict/index.ts'
import { worstOf, type Comparison, type Judgement, type OutputJudgement } from '../verdict/judgement.ts'

/** A question, and how to come by it again. */
export interface Posed {
  readonly question: Question
  /** The photograph it was made of; null for a drawn one. */
  readonly file: string | null
  /** The probe that drew it, if one did. */
  readonly probe?: Probe
  /** The seed that draws it again. */
  readonly seed: number
}

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
  posed: Posed,
  judgeCase: JudgeCase = judging(posed),
): CaseResult {
  return judgeCase(answerer.answer(posed.question))
}

/** Judges an answer to the question that it is about. */
export type JudgeCase = (answer: ReadonlyMap<string, Value>) => CaseResult

/** How answers to a question are judged, whoever gave them; of a probe, what is exact in any order of summing must be exact. */
export function judging({ question, file, probe, seed }: Posed): JudgeCase {
  const judgeOutputs = judge.about(question)
  return (answer) => {
    const outputs = [...answer].map(([name, value]) => [name, rawOf(value)] as const)
    const judgement = { file, seed, ...judgeOutputs(new Map(outputs)) }
    if (probe === undefined) return judgement
    const exact = probe.exact?.(question)
    const held = exact === undefined ? judgement : demandExact(judgement, exact, answer)
    return { ...held, probe: probe.name }
  }
}

/** Every comparison of a judgement. */
export function comparisonsOf({ outputs }: Judgement): Comparison[] {
  return outputs
    .flatMap(({ fromInputs, fromUpstream }) => [fromInputs, fromUpstream])
    .filter((comparison): comparison is Comparison => comparison !== undefined)
}

/** How far its worst elements are from truth: as a share of their bound, and in standard deviations of legal noise. */
export function furthest(comparisons: readonly Comparison[]): { share: number; deviations: number } {
  return {
    share: Math.max(0, ...comparisons.map(({ share }) => share ?? 0)),
    deviations: Math.max(0, ...comparisons.map(({ worst }) => worst?.deviations ?? 0)),
  }
}

/** `cases` drawn questions of the equation, of seeds `seed`, `seed + 1`, … */
export function* drawn(equation: Equation, seed: number, cases: number): Generator<Posed> {
  for (let i = 0; i < cases; i++) {
    yield { question: sample(equation, seed + i), file: null, seed: seed + i }
  }
}

/** A question of each probe of the equation. */
export function* probed(equation: Equation, seed: number): Generator<Posed> {
  for (const probe of probesFor(equation)) {
    yield { question: probeQuestion(probe, equation, seed), file: null, probe, seed }
  }
}

/** The judgement with every tensor failed that is not what it must be in any order of summing. */
function demandExact(
  judgement: CaseResult,
  exact: ReadonlyMap<string, Value>,
  found: ReadonlyMap<string, Value>,
): CaseResult {
  const outputs = judgement.outputs.map((output): OutputJudgement => {
    const [expected, given] = [exact.get(output.name), found.get(output.name)]
    if (expected === undefined || given === undefined || sameValues(given, expected)) return output
    return { ...output, verdict: 'fail', reason: 'not exact, though it is in any order of summing' }
  })
  return { ...judgement, outputs, verdict: worstOf(outputs.map(({ verdict }) => verdict)) }
}

function sameValues(found: Value, expected: Value): boolean {
  const [x, y] = [dataOf(found), dataOf(expected)]
  return x.length === y.length && x.every((value, i) => value === y[i])
}

function dataOf(value: Value): Real | Uint8Array {
  return value.kind === 'dense' ? value.tensor.data : value.mask.data
}
