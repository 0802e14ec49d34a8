import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { RowKinds } from '../../reference/float32/index.ts'
import { fromDense, patternFromBytes, toDense, type SparseRows } from '../../reference/float32/rows.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'

/** The same shape with other values: what a planted bug makes of a tensor. */
export function map(x: Tensor, f: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, f), x.shape)
}

/** Every row made over; `index` counts rows over all batches. */
export function mapRows(x: Tensor, f: (row: readonly number[], index: number) => readonly number[]): Tensor {
  const width = x.shape.at(-1) ?? 1
  const data = new Float32Array(x.size)
  for (let start = 0; start < x.size; start += width) {
    data.set(f([...x.data.subarray(start, start + width)], start / width), start)
  }
  return tensor(data, x.shape)
}

/** exp(x − max) of a row. */
export function powers(row: readonly number[]): number[] {
  const max = Math.max(...row)
  return row.map((value) => Math.exp(value - max))
}

/** The sum of a row. */
export function total(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + value, 0)
}

/** A LayerNorm that divides by `deviation` of the sum of squares around the mean and of their number. */
export function normWith(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  deviation: (squares: number, n: number) => number,
): Tensor {
  return mapRows(x, (row) => {
    const mu = total(row) / row.length
    const by = deviation(total(row.map((value) => (value - mu) ** 2)), row.length)
    return row.map((value, i) => ((value - mu) / by) * weight.data[i] + bias.data[i])
  })
}

/** A `topK` that keeps the columns `choose` names, whatever a row holds. */
export function choosing(
  choose: (row: readonly number[], budget: number) => readonly number[],
): Arithmetic<RowKinds>['topK'] {
  return (x: SparseRows, budget: number) => {
    const kept = mapRows(toDense(x), (row) => {
      const chosen = choose(row, budget)
      return row.map((_, column) => (chosen.includes(column) ? 1 : 0))
    })
    return patternFromBytes(Uint8Array.from(kept.data), kept.shape)
  }
}

/** The columns of a row in another order. */
export function columnsOf(row: readonly number[], order: (i: number, j: number) => number): number[] {
  return row.map((_, column) => column).toSorted(order)
}

/** A dense product of which sums are kept in float32. */
export function productInFloat32(x: Tensor, y: Tensor): Tensor {
  const [k, m] = y.shape.slice(-2)
  const n = x.shape[x.shape.length - 2]
  const shared = y.shape.length === 2
  const data = new Float32Array((x.size / k) * m)
  for (let row = 0; row < x.size / k; row++) {
    const start = shared ? 0 : Math.floor(row / n) * k * m
    for (let j = 0; j < m; j++) {
      // stored in float32 at every step
      for (let p = 0; p < k; p++) data[row * m + j] += x.data[row * k + p] * y.data[start + p * m + j]
    }
  }
  return tensor(data, [...x.shape.slice(0, -1), m])
}

/** What is not zero. */
export function nonZero(x: Tensor): SparseRows {
  return fromDense(x, (value) => value !== 0)
}

/** Cut to bfloat16 (eight bits of mantissa), toward zero. */
export function inBfloat16(x: Tensor): Tensor {
  const bits = new Uint32Array(Float32Array.from(x.data).buffer)
  return tensor(new Float32Array(bits.map((word) => word & 0xffff0000).buffer), x.shape)
}
