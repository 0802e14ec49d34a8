import { ShapeError } from '../shape-error.ts'
import { sameShape, type Real, type Shape } from '../tensor.ts'
import { rowCount, storageLike, type SparseRows, type Work } from './rows.ts'

/** A row of fewer than m / SCANNED products marks the places it touches; one of more is read off whole. */
const SCANNED = 2

/**
 * `x y` of sparse rows, `[.., n, k] × [.., k, m]` → `[.., n, m]`, after Gustavson: row i of the result is the sum of the
 * rows of y that row i of x names, in ascending order of the inner index, in float64, rounded once. Holds
 * the entries whose sum is not exactly 0. A `y [k, m]` without batch is shared by all of x.
 *
 * Time and memory in proportion to the products of held entries, whose number `work` gets.
 *
 * @throws ShapeError where y does not fit x
 */
export function sparseProduct(x: SparseRows, y: SparseRows, work?: Work): SparseRows {
  const { shape, m } = resultShape(x.pattern.shape, y.pattern.shape)
  const products = countProducts(x, y)
  // one place more, as each column is written before it is known whether it counts
  let most = 1
  for (const count of products) most += Math.min(count, m)
  const columns = new Int32Array(most)
  const values = storageLike(x.values, most)
  const start = new Int32Array(products.length + 1)
  const sums = new Float64Array(m)
  const marks = new Int32Array((m + 31) >>> 5)
  const groups = new Int32Array((m + 1023) >>> 10)

  for (let row = 0; row < products.length; row++) {
    const whole = products[row] * SCANNED >= m
    addRows(sums, x, y, row)
    if (!whole) markRows(marks, groups, x, y, row)
    const from = start[row]
    start[row + 1] = whole
      ? takeNonZero(columns, values, from, sums)
      : takeMarked(columns, values, from, sums, marks, groups)
    if (work) work.multiplyAdds += products[row]
  }
  const count = start[products.length]
  return { pattern: { shape, start, columns: columns.slice(0, count) }, values: values.slice(0, count) }
}

function resultShape(x: Shape, y: Shape): { shape: Shape; m: number } {
  const k = x.at(-1)
  const m = y.at(-1) ?? 0
  const lead = x.slice(0, -2)
  if (x.length < 2) throw new ShapeError('sparseProduct', 'x', '[.., n, k]', x)
  if (y.at(-2) !== k || (y.length > 2 && !sameShape(y.slice(0, -2), lead))) {
    const batched = lead.length > 0 ? ` or [${[...lead, k, 'm'].join(', ')}]` : ''
    throw new ShapeError('sparseProduct', 'y', `[${k}, m]${batched}`, y)
  }
  return { shape: [...x.slice(0, -1), m], m }
}

/** The first row of y that the given row of x multiplies. */
function firstFactor(x: SparseRows, y: SparseRows, row: number): number {
  if (y.pattern.shape.length === 2) return 0
  const [n, k] = x.pattern.shape.slice(-2)
  return Math.floor(row / n) * k
}

/** How many products of held entries each row of `x y` sums. */
function countProducts(x: SparseRows, y: SparseRows): Float64Array {
  const counts = new Float64Array(rowCount(x.pattern))
  const { start, columns } = x.pattern
  for (let row = 0; row < counts.length; row++) {
    const first = firstFactor(x, y, row)
    for (let e = start[row]; e < start[row + 1]; e++) {
      const factor = first + columns[e]
      counts[row] += y.pattern.start[factor + 1] - y.pattern.start[factor]
    }
  }
  return counts
}

/** `sums[j] += x[row, p]·y[p, j]` over the held entries, p ascending. */
function addRows(sums: Float64Array, x: SparseRows, y: SparseRows, row: number): void {
  const first = firstFactor(x, y, row)
  const { pattern, values } = x
  const { start, columns } = y.pattern
  const factors = y.values
  const to = pattern.start[row + 1]
  for (let e = pattern.start[row]; e < to; e++) {
    const scale = values[e]
    const factor = first + pattern.columns[e]
    const end = start[factor + 1]
    let f = start[factor]
    // four at a time spares V8 most of its checks; the columns of a row differ, so no sum is met twice
    for (; f + 4 <= end; f += 4) {
      sums[columns[f]] += scale * factors[f]
      sums[columns[f + 1]] += scale * factors[f + 1]
      sums[columns[f + 2]] += scale * factors[f + 2]
      sums[columns[f + 3]] += scale * factors[f + 3]
    }
    for (; f < end; f++) sums[columns[f]] += scale * factors[f]
  }
}

/** Sets the bit of every column met in `marks`, and of every word of marks met in `groups`. */
function markRows(marks: Int32Array, groups: Int32Array, x: SparseRows, y: SparseRows, row: number): void {
  const first = firstFactor(x, y, row)
  const { pattern } = x
  const { start, columns } = y.pattern
  const to = pattern.start[row + 1]
  for (let e = pattern.start[row]; e < to; e++) {
    const factor = first + pattern.columns[e]
    const end = start[factor + 1]
    for (let f = start[factor]; f < end; f++) {
      const column = columns[f]
      // a shift by n is a shift by n mod 32
      marks[column >>> 5] |= 1 << column
      groups[column >>> 10] |= 1 << (column >>> 5)
    }
  }
}

/** Appends what is not zero, clears `sums`, and returns the new end. */
function takeNonZero(columns: Int32Array, values: Real, end: number, sums: Float64Array): number {
  let to = end
  for (let column = 0; column < sums.length; column++) {
    const sum = sums[column]
    values[to] = sum
    columns[to] = column
    // without a branch, which nobody could predict: four times as fast
    to += Number(sum !== 0)
  }
  sums.fill(0)
  return to
}

/** The same over the marked columns only, in ascending order without sorting them; clears the marks. */
function takeMarked(
  columns: Int32Array,
  values: Real,
  end: number,
  sums: Float64Array,
  marks: Int32Array,
  groups: Int32Array,
): number {
  let to = end
  for (let group = 0; group < groups.length; group++) {
    for (let words = groups[group]; words !== 0; words &= words - 1) {
      const word = (group << 5) + lowestBit(words)
      for (let bits = marks[word]; bits !== 0; bits &= bits - 1) {
        const column = (word << 5) + lowestBit(bits)
        const sum = sums[column]
        values[to] = sum
        columns[to] = column
        to += Number(sum !== 0)
        sums[column] = 0
      }
      marks[word] = 0
    }
    groups[group] = 0
  }
  return to
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
