import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { ShapeError } from '../shape-error.ts'
import { sameShape, tensor, type Real, type RealConstructor, type Shape, type Tensor } from '../tensor.ts'
import { denseRules, type SparseRule } from './dense-rules.ts'
import { maskedSoftmax } from './masked-softmax.ts'
import {
  fromDense,
  storageLike,
  toDense,
  valuesAt,
  type RowPattern,
  type SparseRows,
  type Work,
} from './rows.ts'
import { sampledProduct } from './sampled-product.ts'
import { sparseDenseProduct } from './sparse-dense-product.ts'
import { sparseProduct } from './sparse-product.ts'
import { topK } from './top-k.ts'

/** Dense tensors, and compressed rows where the paper is sparse. */
export interface RowKinds extends Kinds {
  readonly Dense: Tensor
  readonly Sparse: SparseRows
  readonly Mask: RowPattern
}

/**
 * The arithmetic over `Storage` with sparse kinds as compressed rows (CSR): the same numbers as on whole rows, work and
 * memory in proportion to the entries met. `work`, if given, counts the multiply-adds that its sparse products did.
 */
export function rowArithmetic(Storage: RealConstructor, work?: Work): Arithmetic<RowKinds> {
  return { ...denseRules<RowKinds>(Storage), ...rowRules(work) }
}

function rowRules(work?: Work): Pick<Arithmetic<RowKinds>, SparseRule> {
  return {
    compress: (x) => fromDense(x, (value) => value !== 0),
    expand: toDense,
    threshold(x, tau) {
      const limit = Math.fround(tau)
      return fromDense(x, (value) => value > limit)
    },
    thresholdMagnitude(x, t) {
      const limit = Math.fround(t)
      return fromDense(x, (value) => Math.abs(value) > limit)
    },
    sparseMatmul: (x, y) => sparseProduct(x, y, work),
    topK: (x, budget) => topK(x, budget),
    matmulAt: (mask, x, y) => sampledProduct(mask, x, y, work),
    sparseScale({ pattern, values }, factor) {
      const scaled = storageLike(values, values.length)
      for (let i = 0; i < scaled.length; i++) scaled[i] = values[i] * factor
      return { pattern, values: scaled }
    },
    maskedSoftmax: (mask, x) => maskedSoftmax(x.pattern === mask ? x : valuesAt(mask, toDense(x))),
    select(mask, x) {
      if (!sameShape(mask.shape, x.shape)) {
        throw new ShapeError('select', 'x', `the mask's shape [${mask.shape.join(', ')}]`, x.shape)
      }
      return valuesAt(mask, x)
    },
    sparseMatmulDense: (x, y) => sparseDenseProduct(x, y, work),
  }
}

/** A tensor in `Storage`: itself where it is already, else a copy. */
export function stored(Storage: RealConstructor, { data, shape }: { data: Real; shape: Shape }): Tensor {
  return tensor(data instanceof Storage ? data : new Storage(data), shape)
}
