import { deviceHung, GpuError } from '../../gpu/index.ts'
import type { GpuAnswerer } from '../arithmetics/gpu.ts'
import { primitivesOf } from '../catalogue/probes/primitives-of.ts'
import type { Equation } from '../catalogue/schema.ts'
import { judging, type CaseResult, type JudgeCase, type Posed } from './cases.ts'

/** A question that the GPU could not answer. */
export interface GpuTrouble {
  readonly id: string
  readonly message: string
}

/** What came of the GPU in a verification. */
export interface GpuVerification {
  readonly answerer: GpuAnswerer
  readonly results: readonly CaseResult[]
  /** Of those with composites, once more with a kernel for each: outputs alone. */
  readonly fused: readonly CaseResult[]
  readonly troubles: readonly GpuTrouble[]
  /** Has the question answered on the GPU, and the answer judged like any runtime's. */
  verify(posed: Posed, judgeCase?: JudgeCase): Promise<void>
}

/** After so many questions without an answer the device is left alone. */
const PATIENCE = 3

/** The GPU under verification: one that fails a question fails it alone, and the rest goes on. */
export function gpuVerification(answerer: GpuAnswerer): GpuVerification {
  const results: CaseResult[] = []
  const fused: CaseResult[] = []
  const troubles: GpuTrouble[] = []
  return {
    answerer,
    results,
    fused,
    troubles,
    async verify(posed, judgeCase = judging(posed)) {
      // what hangs in the driver keeps other devices waiting too
      if (troubles.length >= PATIENCE || deviceHung()) return
      const { question } = posed
      try {
        // both are the device's business before either is judged
        const [answer, inOneGo] = await Promise.all([
          answerer.answer(question),
          hasComposites(question.equation) ? answerer.answerFused(question) : undefined,
        ])
        results.push(judgeCase(answer))
        if (inOneGo !== undefined) fused.push(judgeCase(inOneGo))
      } catch (error) {
        if (!(error instanceof GpuError)) throw error
        troubles.push({ id: question.equation.id, message: error.message })
      }
    },
  }
}

/** Whether parts of its text have names by which they may be computed in one go. */
export function hasComposites(equation: Equation): boolean {
  return primitivesOf(equation).has('composite')
}
