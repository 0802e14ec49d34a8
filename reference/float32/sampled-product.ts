import { ShapeError } from '../shape-error.ts'
import { sameShape, type Real, type Shape, type Tensor } from '../tensor.ts'
import { storageLike, type RowPattern, type SparseRows, type Work } from './rows.ts'

/**
 * The entries of `x yᵀ` at the held places of `pattern [.., n, m]`: x `[.., n, k]`, y `[.., m, k]`, or `[m, k]` shared by
 * all batches. Sums in float64 in ascending order of the inner index, rounded once: the bits of the dense product.
 *
 * k multiply-adds per held place; a row of y that no place names is never read.
 *
 * @throws ShapeError where the operands do not fit the pattern
 */
export function sampledProduct(pattern: RowPattern, x: Tensor, y: Tensor, work?: Work): SparseRows {
  checkShapes(pattern.shape, x.shape, y.shape)
  const { start, columns } = pattern
  const [n, m] = pattern.shape.slice(-2)
  const k = x.shape.at(-1) ?? 0
  const shared = y.shape.length === 2
  const values = storageLike(x.data, columns.length)
  const sums = new Float64Array(m)
  const left = new Float64Array(k)
  const right = new Float64Array(m * k)
  const unpacked = new Uint8Array(m)

  for (let row = 0; row + 1 < start.length; row++) {
    const batch = Math.floor(row / n)
    if (!shared && row % n === 0) unpacked.fill(0)
    const [from, to] = [start[row], start[row + 1]]
    if (from === to) continue
    const offset = shared ? 0 : batch * m * k
    for (let e = from; e < to; e++) {
      const column = columns[e]
      if (unpacked[column] === 1) continue
      copy(right, column * k, y.data, offset + column * k, k)
      unpacked[column] = 1
    }
    copy(left, 0, x.data, row * k, k)
    multiplyAt(sums, left, right, k, columns, from, to)
    for (let e = from; e < to; e++) values[e] = sums[e - from]
  }
  if (work) work.multiplyAdds += columns.length * k
  return { pattern, values }
}

function checkShapes(pattern: Shape, x: Shape, y: Shape): void {
  const [n, m] = pattern.slice(-2)
  const k = x.at(-1)
  const lead = pattern.slice(0, -2)
  if (!sameShape(x.slice(0, -1), pattern.slice(0, -1)) || pattern.length < 2) {
    throw new ShapeError('sampledProduct', 'x', `[${[...lead, n, 'k'].join(', ')}]`, x)
  }
  if (!sameShape(y, [m, k ?? 0]) && !sameShape(y, [...lead, m, k ?? 0])) {
    throw new ShapeError('sampledProduct', 'y', `[${[...lead, m, k].join(', ')}]`, y)
  }
}

function copy(to: Float64Array, toStart: number, from: Real, fromStart: number, count: number): void {
  for (let i = 0; i < count; i++) to[toStart + i] = from[fromStart + i]
}

/**
 * `sums[e − from] = Σ_p left[p]·right[columns[e], p]`, four places side by side: each is a chain of additions, so one
 * alone would wait for itself.
 */
function multiplyAt(
  sums: Float64Array,
  left: Float64Array,
  right: Float64Array,
  k: number,
  columns: Int32Array,
  from: number,
  to: number,
): void {
  let e = from
  for (; e + 4 <= to; e += 4) {
    const r0 = columns[e] * k
    const r1 = columns[e + 1] * k
    const r2 = columns[e + 2] * k
    const r3 = columns[e + 3] * k
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let p = 0; p < k; p++) {
      const a = left[p]
      s0 += a * right[r0 + p]
      s1 += a * right[r1 + p]
      s2 += a * right[r2 + p]
      s3 += a * right[r3 + p]
    }
    const at = e - from
    sums[at] = s0
    sums[at + 1] = s1
    sums[at + 2] = s2
    sums[at + 3] = s3
  }
  for (; e < to; e++) {
    const r = columns[e] * k
    let s = 0
    for (let p = 0; p < k; p++) s += left[p] * right[r + p]
    sums[e - from] = s
  }
}
