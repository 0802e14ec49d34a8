import type { FullMask, FullSparse } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { generate, map, mapRows } from '../tensors.ts'

export const relu = (x: Tensor): Tensor => map(x, (value) => Math.max(0, value))

export const zeros = (x: Tensor): Tensor => map(x, () => 0)

/** Zeros in the columns that `gone` names. */
export function zeroedColumns(x: Tensor, gone: (column: number) => boolean): Tensor {
  const width = x.shape.at(-1) ?? 1
  return map(x, (value, i) => (gone(i % width) ? 0 : value))
}

/** A square matrix, or square matrices, transposed; others stay as they are. */
export function transposed(x: Tensor): Tensor {
  const [rows, columns] = x.shape.slice(-2)
  if (x.shape.length < 2 || rows !== columns) return x
  const n = rows
  return generate(x, x.shape, (i) => {
    const [row, column] = [Math.floor(i / n) % n, i % n]
    return x.data[i - (i % (n * n)) + column * n + row]
  })
}

/** Softmax of each row with a change to its logits, its powers or its sum. */
export function softmaxWith(
  x: Tensor,
  {
    logits = (row) => row,
    sum = (total) => total,
    kept,
  }: {
    readonly logits?: (row: readonly number[]) => readonly number[]
    /** What the powers are divided by, given their sum and the row's maximum. */
    readonly sum?: (total: number, max: number) => number
    readonly kept?: Uint8Array
  },
): Tensor {
  return mapRows(x, (row, start) => {
    const holds = (i: number): boolean => kept === undefined || kept[start + i] === 1
    const changed = logits([...row])
    const max = changed.reduce((most, value, i) => (holds(i) ? Math.max(most, value) : most), -Infinity)
    const powers = changed.map((value, i) => (holds(i) ? Math.exp(value - max) : 0))
    const by = sum(
      powers.reduce((total, power) => total + power, 0),
      max,
    )
    return powers.map((power) => (power === 0 ? 0 : power / by))
  })
}

/** A LayerNorm whose denominator is `deviation` of the sum of squares around the mean and of their number. */
export function normWith(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  deviation: (squares: number, n: number) => number,
): Tensor {
  return mapRows(x, (row) => {
    const n = row.length
    const mean = row.reduce((sum, value) => sum + value, 0) / n
    const by = deviation(
      row.reduce((sum, value) => sum + (value - mean) ** 2, 0),
      n,
    )
    return Float64Array.from(row, (value, i) => ((value - mean) / by) * weight.data[i] + bias.data[i])
  })
}

/** A row of coefficients as compressed rows hold it: what is not 0. */
export function held(values: Tensor): FullSparse {
  return { values, kept: Uint8Array.from(values.data, (value) => Number(value !== 0)) }
}

/** A mask of the same shape whose entry i, of rows of n, is `kept(i, n)`. */
export function maskLike(
  { shape }: FullMask,
  kept: (i: number, n: number) => number,
  size: number,
): FullMask {
  const n = shape.at(-1) ?? 1
  return { shape, kept: Uint8Array.from({ length: size }, (_, i) => kept(i, n)) }
}

export const sumOf = (row: ArrayLike<number>): number =>
  Array.from(row).reduce((sum, value) => sum + value, 0)
