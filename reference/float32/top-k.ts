import type { Real } from '../tensor.ts'
import { quickselect, type Effort } from './quickselect.ts'
import { rowCount, type RowPattern, type SparseRows } from './rows.ts'

/**
 * In each row of `x [.., n, m]` the `budget` largest of all m scores by signed value, places not held counting as zeros;
 * among equals the lower column first; then exact zeros are dropped. So zeros outrank negatives and use up budget: of p
 * positives, z zeros and the rest, max(0, budget − p − z) negatives are kept. NaN ranks last and is never kept.
 *
 * Linear in the held entries, whatever their order: no row is sorted. `effort` gets the comparisons between scores.
 */
export function topK(x: SparseRows, budget: number, effort: Effort = { comparisons: 0 }): RowPattern {
  const { pattern, values } = x
  const m = pattern.shape.at(-1) ?? 0
  const start = new Int32Array(pattern.start.length)
  const columns = new Int32Array(values.length)
  const scratch = new Float64Array(m)
  let count = 0
  for (let row = 0; row < rowCount(pattern); row++) {
    const [from, to] = [pattern.start[row], pattern.start[row + 1]]
    let positives = 0
    let negatives = 0
    let unordered = 0
    for (let e = from; e < to; e++) {
      if (values[e] > 0) positives++
      else if (values[e] < 0) negatives++
      else if (values[e] !== 0) unordered++
    }
    const zeros = m - positives - negatives - unordered
    const left = budget - positives - zeros
    // kept is what is above `least`, and of what equals it the first `equals`
    let least = 0
    let equals = 0
    if (positives > budget) {
      least = boundary(scratch, values, from, to, 1, budget, effort)
      equals = countEqual(scratch, budget, least)
    } else if (left >= negatives) {
      least = -Infinity
      equals = negatives
    } else if (left > 0) {
      least = boundary(scratch, values, from, to, -1, left, effort)
      equals = countEqual(scratch, left, least)
    }
    for (let e = from; e < to; e++) {
      const value = values[e]
      if (value === 0 || !(value > least || (value === least && equals-- > 0))) continue
      columns[count++] = pattern.columns[e]
    }
    start[row + 1] = count
  }
  return { shape: pattern.shape, start, columns: columns.slice(0, count) }
}

/**
 * The least of the `taken` largest scores of one sign, which stand at the front of `scratch` afterwards; above all of
 * them where none is taken.
 */
function boundary(
  scratch: Float64Array,
  values: Real,
  from: number,
  to: number,
  sign: number,
  taken: number,
  effort: Effort,
): number {
  if (taken <= 0) return Infinity
  let count = 0
  for (let e = from; e < to; e++) if (sign * values[e] > 0) scratch[count++] = values[e]
  return quickselect(scratch, count, taken - 1, effort)
}

function countEqual(x: Float64Array, count: number, value: number): number {
  let equal = 0
  for (let i = 0; i < count; i++) if (x[i] === value) equal++
  return equal
}
