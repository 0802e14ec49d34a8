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
  const start = new Int32Array(pattern.start.length)
  const columns = new Int32Array(values.length)
  const m = pattern.shape.at(-1) ?? 0
  const scratch = new Float64Array(m)
  let count = 0
  for (let row = 0; row < rowCount(pattern); row++) {
    const [from, to] = [pattern.start[row], pattern.start[row + 1]]
    let { least, equals } = boundary(x, from, to, Math.min(budget, m), scratch, effort)
    for (let e = from; e < to; e++) {
      const value = values[e]
      if (value === 0 || !(value > least || (value === least && equals-- > 0))) continue
      columns[count++] = pattern.columns[e]
    }
    start[row + 1] = count
  }
  return { shape: pattern.shape, start, columns: columns.slice(0, count) }
}

/** The least score that a row keeps, and how many of those equal to it, from the left. */
interface Boundary {
  least: number
  equals: number
}

function boundary(
  { pattern, values }: SparseRows,
  from: number,
  to: number,
  budget: number,
  scratch: Float64Array,
  effort: Effort,
): Boundary {
  let positives = 0
  let negatives = 0
  let unordered = 0
  for (let e = from; e < to; e++) {
    if (values[e] > 0) positives++
    else if (values[e] < 0) negatives++
    else if (values[e] !== 0) unordered++
  }
  if (budget <= 0) return { least: Infinity, equals: 0 }
  if (positives > budget) return boundaryAmong(1, budget)
  const zeros = (pattern.shape.at(-1) ?? 0) - positives - negatives - unordered
  const left = budget - positives - zeros
  if (left <= 0) return { least: 0, equals: 0 }
  if (left >= negatives) return { least: -Infinity, equals: negatives }
  return boundaryAmong(-1, left)

  /** The boundary where `taken` of the scores of one sign are kept. */
  function boundaryAmong(sign: number, taken: number): Boundary {
    let count = 0
    for (let e = from; e < to; e++) if (sign * values[e] > 0) scratch[count++] = values[e]
    const least = quickselect(scratch, count, taken - 1, effort)
    let equals = 0
    // none after the rank is larger, so those above it all stand before
    for (let i = 0; i < taken; i++) if (scratch[i] === least) equals++
    return { least, equals }
  }
}
