import type { Composite, Composites } from '../../../reference/composites.ts'
import type { GpuKinds } from '../kinds.ts'

/** Records what computes a composite in one go, into the storages of the result. */
export type Fused<N extends Composite> = (
  operands: Composites<GpuKinds>[N]['operands'],
  result: Composites<GpuKinds>[N]['result'],
) => void

/**
 * Which form of a kernel, where two are kept: `processor` computes nothing twice, `gpu` rather computes twice than stores.
 */
export type Variant = 'processor' | 'gpu'
