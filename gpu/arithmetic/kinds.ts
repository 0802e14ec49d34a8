import type { Kinds } from '../../reference/arithmetic.ts'
import type { Shape } from '../../reference/tensor.ts'
import type { Storage } from '../program.ts'

/** A dense array on the device, float32, row-major. */
export interface GpuDense {
  readonly shape: Shape
  readonly values: Storage
}

/**
 * Which places of an array `[.., n, m]` are held. Every row has room for `capacity` of them, so that how many a row holds
 * need never come back to the host: row r holds `columns[r·capacity + e]`, ascending, e < counts[r].
 */
export interface GpuMask {
  readonly shape: Shape
  readonly capacity: number
  readonly counts: Storage
  readonly columns: Storage
}

/** An array `[.., n, m]` of which only the places of `pattern` are held; the others are exact zeros. */
export interface GpuSparse {
  readonly pattern: GpuMask
  /** As the columns: `values[r·capacity + e]`. What is beyond the count is nobody's. */
  readonly values: Storage
}

export interface GpuKinds extends Kinds {
  readonly Dense: GpuDense
  readonly Sparse: GpuSparse
  readonly Mask: GpuMask
}
