import type { Composite } from '../../../reference/composites.ts'
import type { Recorder } from '../../program.ts'
import type { Forms } from '../forms.ts'
import { attention } from './attention.ts'
import { feedForward } from './feed-forward.ts'
import { normLinear } from './norm-linear.ts'
import { maskPredictor } from './mask-predictor.ts'
import { pooling } from './pooling.ts'
import type { Fused } from './fused.ts'

/** The composites, each by kernels that do not hold what lies between. */
export function fusedRules(record: Recorder, forms: Forms): { readonly [N in Composite]: Fused<N> } {
  return {
    ...attention(record, forms),
    ...feedForward(record, forms),
    ...normLinear(record, forms),
    ...maskPredictor(record, forms),
    ...pooling(record, forms),
  }
}
