import type { Composite } from '../../../reference/composites.ts'
import type { Recorder } from '../../program.ts'
import { attention } from './attention.ts'
import { feedForward } from './feed-forward.ts'
import { maskPredictor } from './mask-predictor.ts'
import { pooling } from './pooling.ts'
import type { Fused, Variant } from './fused.ts'

export type { Variant } from './fused.ts'

/** The composites, each by kernels that do not hold what lies between. */
export function fusedRules(record: Recorder, variant: Variant): { readonly [N in Composite]: Fused<N> } {
  return {
    ...attention(record),
    ...feedForward(record, variant),
    ...maskPredictor(record),
    ...pooling(record),
  }
}
