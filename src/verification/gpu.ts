import { deviceHung, GpuError } from '../../gpu/index.ts'
import type { GpuAnswerer } from '../arithmetics/gpu.ts'
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
  readonly troubles: readonly GpuTrouble[]
  /** Has the question answered on the GPU, and the answer judged like any runtime's. */
  verify(posed: Posed, judgeCase?: JudgeCase): Promise<void>
}

/** After so many questions without an answer the device is left alone. */
const PATIENCE = 3

/** The GPU under verification: one that fails a question fails it alone, and the rest goes on. */
export function gpuVerification(answerer: GpuAnswerer): GpuVerification {
  const results: CaseResult[] = []
  const troubles: GpuTrouble[] = []
  return {
    answerer,
    results,
    troubles,
    async verify(posed, judgeCase = judging(posed)) {
      // what hangs in the driver keeps other devices waiting too
      if (troubles.length >= PATIENCE || deviceHung()) return
      try {
        results.push(judgeCase(await answerer.answer(posed.question)))
      } catch (error) {
        if (!(error instanceof GpuError)) throw error
        troubles.push({ id: posed.question.equation.id, message: error.message })
      }
    },
  }
}
