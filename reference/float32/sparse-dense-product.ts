import { ShapeError } from '../shape-error.ts'
import { sameShape, tensor, type Shape, type Tensor } from '../tensor.ts'
import { rowCount, storageLike, type SparseRows, type Work } from './rows.ts'
import { unpack, unpackedRows, type UnpackedRows } from './unpacked-rows.ts'

/**
 * `x y` of sparse rows and a dense array: `[.., n, m] × [.., m, d]` → `[.., n, d]`, dense. A `y [m, d]` without batch is
 * shared by all of x. Each output sums its row's held entries in ascending order of the inner index, in float64, rounded
 * once: for finite y the bits of the dense product, as a zero term changes no sum.
 *
 * d multiply-adds for each held entry; a row of y that no entry names is never read.
 *
 * @throws ShapeError where y does not fit x
 */
export function sparseDenseProduct(x: SparseRows, y: Tensor, work?: Work): Tensor {
  const { pattern, values } = x
  const { n, m, d } = checkedSizes(pattern.shape, y.shape)
  const { start, columns } = pattern
  const shared = y.shape.length === 2
  const out = storageLike(values, rowCount(pattern) * d)
  const factors = new Float64Array(m)
  const right = unpackedRows(m, d)
  const sums = new Float64Array(right.stride)

  for (let row = 0; row < rowCount(pattern); row++) {
    if (!shared && row % n === 0) right.done.fill(0)
    const [from, to] = [start[row], start[row + 1]]
    unpack(right, y.data, shared ? 0 : Math.floor(row / n) * m * d, columns, from, to)
    for (let e = from; e < to; e++) factors[e - from] = values[e]
    sums.fill(0)
    addRows(sums, factors, right, columns, from, to)
    for (let c = 0; c < d; c++) out[row * d + c] = sums[c]
  }
  if (work) work.multiplyAdds += columns.length * d
  return tensor(out, [...pattern.shape.slice(0, -1), d])
}

function checkedSizes(x: Shape, y: Shape): { n: number; m: number; d: number } {
  if (x.length < 2) throw new ShapeError('sparseDenseProduct', 'x', '[.., n, m]', x)
  const [n, m] = x.slice(-2)
  const lead = x.slice(0, -2)
  const d = y.at(-1) ?? 0
  if (!sameShape(y, [m, d]) && !sameShape(y, [...lead, m, d])) {
    throw new ShapeError('sparseDenseProduct', 'y', `[${[...lead, m, 'd'].join(', ')}]`, y)
  }
  return { n, m, d }
}

/**
 * `sums[c] += Σ_e factors[e − from]·right[columns[e], c]`, e ascending, four entries to one pass over the sums, two sums
 * a step.
 */
function addRows(
  sums: Float64Array,
  factors: Float64Array,
  { data, stride }: UnpackedRows,
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
    let r0 = columns[e] * stride
    let r1 = columns[e + 1] * stride
    let r2 = columns[e + 2] * stride
    let r3 = columns[e + 3] * stride
    for (let c = 0; c < stride; c += 2) {
      sums[c] = sums[c] + f0 * data[r0] + f1 * data[r1] + f2 * data[r2] + f3 * data[r3]
      sums[c + 1] =
        sums[c + 1] + f0 * data[r0 + 1] + f1 * data[r1 + 1] + f2 * data[r2 + 1] + f3 * data[r3 + 1]
      r0 += 2
      r1 += 2
      r2 += 2
      r3 += 2
    }
  }
  for (; e < to; e++) {
    const f = factors[e - from]
    const r = columns[e] * stride
    for (let c = 0; c < stride; c++) sums[c] += f * data[r + c]
  }
}
