import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { RealConstructor, Tensor } from '../tensor.ts'
import { convolve } from './convolve.ts'
import { elementwise } from './elementwise.ts'
import { pool } from './pool.ts'
import { products } from './products.ts'
import { reductions } from './reduce.ts'
import { rowwise } from './rowwise.ts'
import { concat, reshape, slice, swapAxes, windows } from './structure.ts'

/** What the sparse kinds of an arithmetic over dense tensors still have to say. */
export type SparseRule =
  | 'compress'
  | 'expand'
  | 'threshold'
  | 'thresholdMagnitude'
  | 'sparseMatmul'
  | 'topK'
  | 'matmulAt'
  | 'sparseScale'
  | 'maskedSoftmax'
  | 'select'
  | 'sparseMatmulDense'

interface DenseKinds extends Kinds {
  readonly Dense: Tensor
}

/**
 * The dense primitives over `Storage`: inside a primitive everything is float64, and what leaves it is rounded once to
 * the storage. Over Float32Array that is the reference; over Float64Array, truth.
 */
export function denseRules<K extends DenseKinds>(Storage: RealConstructor): Omit<Arithmetic<K>, SparseRule> {
  return {
    shape: (x) => x.shape,
    reshape,
    swapAxes: (x, axis, other) => swapAxes(Storage, x, axis, other),
    concat: (xs, axis) => concat(Storage, xs, axis),
    slice: (x, axis, start, end) => slice(Storage, x, axis, start, end),
    windows: (x, layout) => windows(Storage, x, layout),
    ...elementwise(Storage),
    ...reductions(Storage),
    pool: (x, bins, reduction) => pool(Storage, x, bins, reduction),
    ...products(Storage),
    convolve: (x, weight, bias, groups) => convolve(Storage, x, weight, bias, groups),
    ...rowwise(Storage),
    composite: (_name, _operands, body) => body(),
    scope: (_, body) => body(),
    expose: (_, x) => x,
    exposeSparse: (_, x) => x,
    exposeMask: (_, x) => x,
  }
}
