import { ShapeError } from '../shape-error.ts'
import { sameShape, tensor, type Real, type Shape, type Tensor } from '../tensor.ts'
import { rowCount, storageLike, type SparseRows, type Work } from './rows.ts'

/**
 * `x y` of sparse rows and a dense array: `[.., n, m] × [.., m, d]` → `[.., n, d]`, dense. A `y [m, d]` without batch is
 * shared by all of x. Each output sums its row's held entries in ascending order of the inner index, in float64, rounded
 * once: for finite y the bits of the dense product, as a zero term changes no sum.
 *
 * d multiply-adds per held entry.
 *
 * @throws ShapeError where y does not fit x
 */
export function sparseDenseProduct(x: SparseRows, y: Tensor, work?: Work): Tensor {
  const { pattern, values } = x
  checkShapes(pattern.shape, y.shape)
  const { start, columns } = pattern
  const [n, m] = pattern.shape.slice(-2)
  const d = y.shape.at(-1) ?? 0
  const shared = y.shape.length === 2
  const out = storageLike(values, rowCount(pattern) * d)
  const sums = new Float64Array(d)
  const factors = new Float64Array(m)
  const right = new Float64Array(m * d)
  const unpacked = new Uint8Array(m)

  for (let row = 0; row < rowCount(pattern); row++) {
    if (!shared && row % n === 0) unpacked.fill(0)
    const [from, to] = [start[row], start[row + 1]]
    const offset = shared ? 0 : Math.floor(row / n) * m * d
    for (let e = from; e < to; e++) {
      factors[e - from] = values[e]
      const column = columns[e]
      if (unpacked[column] === 1) continue
      copy(right, column * d, y.data, offset + column * d, d)
      unpacked[column] = 1
    }
    sums.fill(0)
    addRows(sums, factors, right, d, columns, from, to)
    for (let c = 0; c < d; c++) out[row * d + c] = sums[c]
  }
  if (work) work.multiplyAdds += columns.length * d
  return tensor(out, [...pattern.shape.slice(0, -1), d])
}

function checkShapes(x: Shape, y: Shape): void {
  const m = x.at(-1) ?? 0
  const d = y.at(-1) ?? 0
  const lead = x.slice(0, -2)
  if (x.length < 2) throw new ShapeError('sparseDenseProduct', 'x', '[.., n, m]', x)
  if (!sameShape(y, [m, d]) && !sameShape(y, [...lead, m, d])) {
    throw new ShapeError('sparseDenseProduct', 'y', `[${[...lead, m, 'd'].join(', ')}]`, y)
  }
}

function copy(to: Float64Array, toStart: number, from: Real, fromStart: number, count: number): void {
  for (let i = 0; i < count; i++) to[toStart + i] = from[fromStart + i]
}

/** `sums[c] += Σ_e factors[e − from]·right[columns[e], c]`, e ascending, four entries to one pass over the sums. */
function addRows(
  sums: Float64Array,
  factors: Float64Array,
  right: Float64Array,
  d: number,
  columns: Int32Array,
  from: number,
  to: number,
): void {
  let e = from
  for (; e + 4 <= to; e += 4) {
    const f0 = factors[e - from]
    const f1 = factors[e - from + 1]
    const f2 = factors[e - from + 2]
    const f3 = factors[e - from + 3]
    const r0 = columns[e] * d
    const r1 = columns[e + 1] * d
    const r2 = columns[e + 2] * d
    const r3 = columns[e + 3] * d
    for (let c = 0; c < d; c++) {
      sums[c] = sums[c] + f0 * right[r0 + c] + f1 * right[r1 + c] + f2 * right[r2 + c] + f3 * right[r3 + c]
    }
  }
  for (; e < to; e++) {
    const f = factors[e - from]
    const r = columns[e] * d
    for (let c = 0; c < d; c++) sums[c] += f * right[r + c]
  }
}
