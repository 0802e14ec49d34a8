import { ShapeError } from '../shape-error.ts'
import { sameShape, type Shape, type Tensor } from '../tensor.ts'
import { rowCount, storageLike, type RowPattern, type SparseRows, type Work } from './rows.ts'
import { unpack, unpackedRows, type UnpackedRows } from './unpacked-rows.ts'

/**
 * The entries of `x yᵀ` at the held places of `pattern [.., n, m]`: x `[.., n, k]`, y `[.., m, k]`, or `[m, k]` shared by
 * all batches. Sums in float64 in ascending order of the inner index, rounded once: the bits of the dense product.
 *
 * k multiply-adds for each held place; a row of y that no place names is never read.
 *
 * @throws ShapeError where the operands do not fit the pattern
 */
export function sampledProduct(pattern: RowPattern, x: Tensor, y: Tensor, work?: Work): SparseRows {
  const { n, m, k } = checkedSizes(pattern.shape, x.shape, y.shape)
  const { start, columns } = pattern
  const shared = y.shape.length === 2
  const values = storageLike(x.data, columns.length)
  const sums = new Float64Array(m)
  const left = unpackedRows(1, k).data
  const right = unpackedRows(m, k)

  for (let row = 0; row < rowCount(pattern); row++) {
    if (!shared && row % n === 0) right.done.fill(0)
    const [from, to] = [start[row], start[row + 1]]
    unpack(right, y.data, shared ? 0 : Math.floor(row / n) * m * k, columns, from, to)
    for (let p = 0; p < k; p++) left[p] = x.data[row * k + p]
    multiplyAt(sums, left, right, columns, from, to)
    for (let e = from; e < to; e++) values[e] = sums[e - from]
  }
  if (work) work.multiplyAdds += columns.length * k
  return { pattern, values }
}

function checkedSizes(pattern: Shape, x: Shape, y: Shape): { n: number; m: number; k: number } {
  if (pattern.length < 2) throw new ShapeError('sampledProduct', 'pattern', '[.., n, m]', pattern)
  const [n, m] = pattern.slice(-2)
  const lead = pattern.slice(0, -2)
  if (!sameShape(x.slice(0, -1), pattern.slice(0, -1))) {
    throw new ShapeError('sampledProduct', 'x', `[${[...lead, n, 'k'].join(', ')}]`, x)
  }
  const k = x[x.length - 1]
  if (!sameShape(y, [m, k]) && !sameShape(y, [...lead, m, k])) {
    throw new ShapeError('sampledProduct', 'y', `[${[...lead, m, k].join(', ')}]`, y)
  }
  return { n, m, k }
}

/**
 * `sums[e − from] = Σ_p left[p]·right[columns[e], p]`, four places side by side: a sum waits for itself at every term, so
 * one alone would leave the processor idle. Two terms a pass; the zero that fills up an odd number changes no sum.
 */
function multiplyAt(
  sums: Float64Array,
  left: Float64Array,
  { data, stride }: UnpackedRows,
  columns: Int32Array,
  from: number,
  to: number,
): void {
  let e = from
  for (; e + 4 <= to; e += 4) {
    let r0 = columns[e] * stride
    let r1 = columns[e + 1] * stride
    let r2 = columns[e + 2] * stride
    let r3 = columns[e + 3] * stride
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let p = 0; p < stride; p += 2) {
      const a = left[p]
      s0 += a * data[r0]
      s1 += a * data[r1]
      s2 += a * data[r2]
      s3 += a * data[r3]
      const b = left[p + 1]
      s0 += b * data[r0 + 1]
      s1 += b * data[r1 + 1]
      s2 += b * data[r2 + 1]
      s3 += b * data[r3 + 1]
      r0 += 2
      r1 += 2
      r2 += 2
      r3 += 2
    }
    const at = e - from
    sums[at] = s0
    sums[at + 1] = s1
    sums[at + 2] = s2
    sums[at + 3] = s3
  }
  for (; e < to; e++) {
    const r = columns[e] * stride
    let s = 0
    for (let p = 0; p < stride; p++) s += left[p] * data[r + p]
    sums[e - from] = s
  }
}
