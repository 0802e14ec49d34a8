import exp from '@stdlib/math-base-special-exp'
import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { ShapeError } from '../shape-error.ts'
import { sameShape, tensor, type RealConstructor, type Shape, type Tensor } from '../tensor.ts'
import { denseRules, type SparseRule } from './dense-rules.ts'

/** A 0/1 matrix per batch element, one byte an entry. */
export interface FullMask {
  readonly shape: Shape
  readonly kept: Uint8Array
}

/** A dense tensor and which of its entries are held; the others are 0. */
export interface FullSparse {
  readonly values: Tensor
  readonly kept: Uint8Array
}

/** The dense text: sparse rows as whole rows with zeros in them. */
export interface FullKinds extends Kinds {
  readonly Dense: Tensor
  readonly Sparse: FullSparse
  readonly Mask: FullMask
}

/**
 * The same equations on whole rows: what the sparse kernels are held against, bit for bit, and what their saving is
 * measured from. Nothing here is clever; `topK` sorts.
 */
export function fullArithmetic(Storage: RealConstructor): Arithmetic<FullKinds> {
  const dense = denseRules<FullKinds>(Storage)
  return { ...dense, ...fullRules(Storage, dense) }
}

function fullRules(
  Storage: RealConstructor,
  dense: Omit<Arithmetic<FullKinds>, SparseRule>,
): Pick<Arithmetic<FullKinds>, SparseRule> {
  const keepWhere = (x: Tensor, isKept: (value: number, index: number) => boolean): FullSparse => {
    const kept = new Uint8Array(x.size)
    const values = new Storage(x.size)
    for (let i = 0; i < kept.length; i++) {
      if (!isKept(x.data[i], i)) continue
      kept[i] = 1
      values[i] = x.data[i]
    }
    return { values: tensor(values, x.shape), kept }
  }
  const at = ({ shape, kept }: FullMask, x: Tensor): FullSparse => {
    if (!sameShape(shape, x.shape))
      throw new ShapeError('select', 'x', `the mask's shape [${shape.join(', ')}]`, x.shape)
    return keepWhere(x, (_, i) => kept[i] === 1)
  }

  return {
    compress: (x) => keepWhere(x, (value) => value !== 0),
    expand: ({ values }) => values,
    threshold: (x, tau) => {
      const limit = Math.fround(tau)
      return keepWhere(x, (value) => value > limit)
    },
    thresholdMagnitude: (x, t) => {
      const limit = Math.fround(t)
      return keepWhere(x, (value) => Math.abs(value) > limit)
    },
    sparseMatmul: (x, y) => {
      const values = dense.matmul(x.values, y.values)
      return { values, kept: new Uint8Array(values.size).fill(1) }
    },
    topK: ({ values }, budget) => {
      const m = values.shape.at(-1) ?? 0
      const kept = new Uint8Array(values.size)
      for (let start = 0; start < kept.length; start += m) {
        const order = Array.from({ length: m }, (_, column) => column)
        // the lower column first among equals: sort is stable
        order.sort((i, j) => values.data[start + j] - values.data[start + i])
        for (const column of order.slice(0, budget))
          kept[start + column] = values.data[start + column] === 0 ? 0 : 1
      }
      return { shape: values.shape, kept }
    },
    matmulAt: (mask, x, y) => at(mask, dense.matmulTransposed(x, y)),
    sparseScale: ({ values, kept }, factor) => ({ values: dense.scale(values, factor), kept }),
    maskedSoftmax: ({ kept }, { values }) => {
      const m = values.shape.at(-1) ?? 0
      const out = new Storage(values.size)
      for (let start = 0; start < out.length; start += m) softmaxOfKept(out, values, kept, start, start + m)
      return { values: tensor(out, values.shape), kept }
    },
    select: at,
    sparseMatmulDense: ({ values }, y) => dense.matmul(values, y),
  }
}

function softmaxOfKept(
  out: Tensor['data'],
  { data }: Tensor,
  kept: Uint8Array,
  start: number,
  end: number,
): void {
  let max = -Infinity
  for (let i = start; i < end; i++) if (kept[i] === 1) max = Math.max(max, data[i])
  const weights = new Float64Array(end - start)
  let sum = 0
  for (let i = start; i < end; i++) if (kept[i] === 1) sum += weights[i - start] = exp(data[i] - max)
  for (let i = start; i < end; i++) if (kept[i] === 1) out[i] = weights[i - start] / sum
}
