import type { Evaluator } from '../../../reference/evaluator.ts'
import { fullEvaluator } from '../../../reference/float32/index.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { plainDesign, type RuntimeDesign } from './design.ts'
import { formatDesign } from './parse-design.ts'
import { simulatedRules, type SimulatedRules } from './rules.ts'
import { runtimeOf } from './runtime.ts'

export const SIMULATED = 'simulated'

/** @see SimulatedRules for `unseen`, which an answer leaves out. */
export type SimulatedEvaluator = Evaluator<FullKinds> & Pick<SimulatedRules, 'unseen'>

/**
 * A float32 runtime of that design, played operation by operation: every step is rounded as the design says, nothing is drawn, and the
 * same question gives the same bits everywhere. Sparse kinds are whole rows of which only held entries are summed.
 */
export function simulated(design: Partial<RuntimeDesign> = {}): SimulatedEvaluator {
  const whole = { ...plainDesign, ...design }
  const runtime = runtimeOf(whole)
  const options = formatDesign(whole)
  const load = ({ data, shape }: Tensor): Tensor => tensor(Float32Array.from(data, runtime.load), shape)
  const plain = fullEvaluator(SIMULATED, Float32Array)
  return {
    ...plain,
    name: options === '' ? SIMULATED : `${SIMULATED}:${options}`,
    ...simulatedRules(runtime),
    dense: load,
    sparse: (x) => plain.sparse(load(x)),
  }
}
