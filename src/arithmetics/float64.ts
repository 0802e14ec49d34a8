import type { Evaluator } from '../../reference/evaluator.ts'
import { fullEvaluator, type FullKinds } from '../../reference/float32/index.ts'

/**
 * Truth for the verdict: the same text over Float64Array. Sparse kinds as whole rows, so that truth does not run the
 * sparse kernels it judges.
 */
export function float64(): Evaluator<FullKinds> {
  return fullEvaluator('float64', Float64Array)
}
