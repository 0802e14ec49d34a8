import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { pairMatrices } from '../../../reference/float32/broadcast.ts'
import type { SparseRule } from '../../../reference/float32/dense-rules.ts'
import type { FullMask, FullSparse } from '../../../reference/float32/full.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { matrixSizes } from '../../../reference/float32/products.ts'
import { ShapeError } from '../../../reference/shape-error.ts'
import { sameShape, type Tensor } from '../../../reference/tensor.ts'
import { operands, rowsOf } from './products.ts'
import type { Runtime } from './runtime.ts'
import { generate } from './tensors.ts'

/** The sparse primitives that compute, on whole rows; their sums are over held entries alone, as a sparse kernel's are. */
export function sparseProducts(
  runtime: Runtime,
): Pick<Arithmetic<FullKinds>, Exclude<SparseRule, Choosing | 'maskedSoftmax'>> {
  const { machine: m } = runtime
  return {
    sparseMatmul(x, y) {
      const values = heldProduct(runtime, x, y.values, y.kept)
      return { values, kept: Uint8Array.from(values.data, (value) => (value === 0 ? 0 : 1)) }
    },
    sparseMatmulDense: (x, y) => heldProduct(runtime, x, y),
    matmulAt: (mask, x, y) => productAt(runtime, mask, x, y),
    sparseScale({ values, kept }, factor) {
      const rounded = m.round(factor)
      return { values: generate(runtime, values.shape, (i) => m.multiply(values.data[i], rounded)), kept }
    },
  }
}

/** Rules that only choose entries: nothing is rounded, and the reference's on whole rows will do. */
type Choosing = 'compress' | 'expand' | 'threshold' | 'thresholdMagnitude' | 'topK' | 'select'

/** x y, the terms those that x holds, and y too where `held` says so; `[.., n, k] × [.., k, m]`. */
function heldProduct(runtime: Runtime, x: FullSparse, y: Tensor, held?: Uint8Array): Tensor {
  const { n, k, m } = matrixSizes('sparseMatmul', x.values, y, false)
  const lead = pairMatrices('sparseMatmul', x.values.shape.slice(0, -2), y.shape.slice(0, -2))
  const [a, b] = [operands(runtime, x.values), operands(runtime, y)]
  const [left, right] = [new Float64Array(k), new Float64Array(k)]
  return generate(runtime, [...lead.lead, n, m], (at) => {
    const [column, row, i] = [at % m, Math.floor(at / m) % n, Math.floor(at / m / n)]
    const [fromX, fromY] = [(lead.first(i) * n + row) * k, lead.second(i) * k * m + column]
    let count = 0
    for (let p = 0; p < k; p++) {
      if (x.kept[fromX + p] === 0 || held?.[fromY + p * m] === 0) continue
      left[count] = a[fromX + p]
      right[count++] = b[fromY + p * m]
    }
    return runtime.dot(left, right, count)
  })
}

/** The entries of x yᵀ where the mask keeps them. */
function productAt(runtime: Runtime, mask: FullMask, x: Tensor, y: Tensor): FullSparse {
  const { n, k, m } = matrixSizes('matmulAt', x, y, true)
  const lead = pairMatrices('matmulAt', x.shape.slice(0, -2), y.shape.slice(0, -2))
  const shape = [...lead.lead, n, m]
  if (!sameShape(mask.shape, shape)) {
    throw new ShapeError('matmulAt', 'mask', `[${shape.join(', ')}]`, mask.shape)
  }
  const [a, b] = [operands(runtime, x), operands(runtime, y)]
  const rows = rowsOf(a, 0, a.length / k, k)
  const columns = rowsOf(b, 0, b.length / k, k)
  const values = generate(runtime, shape, (at) => {
    if (mask.kept[at] === 0) return 0
    const i = Math.floor(at / m / n)
    const row = lead.first(i) * n + (Math.floor(at / m) % n)
    return runtime.dot(rows[row], columns[lead.second(i) * m + (at % m)], k)
  })
  return { values, kept: mask.kept }
}
