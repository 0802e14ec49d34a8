import type { Composite, Composites } from '../../../reference/composites.ts'
import type { GpuKinds } from '../kinds.ts'

/** Records what computes a composite in one go, into the storages of the result; or nothing, where that is no gain. */
export type Fused<N extends Composite> = (
  operands: Composites<GpuKinds>[N]['operands'],
  result: Composites<GpuKinds>[N]['result'],
) => void
