import exp from '@stdlib/math-base-special-exp'
import { rowCount, storageLike, type SparseRows } from './rows.ts'

/**
 * `exp(x − max)/Σ exp(x − max)` over the held entries of each row alone; `[.., n, m]`, same pattern. Float64 throughout,
 * the sum in ascending order of the columns, rounded once. A row that holds none stays so.
 */
export function maskedSoftmax({ pattern, values }: SparseRows): SparseRows {
  const { start } = pattern
  const out = storageLike(values, values.length)
  const powers = new Float64Array(pattern.shape.at(-1) ?? 0)
  for (let row = 0; row < rowCount(pattern); row++) {
    const from = start[row]
    const count = start[row + 1] - from
    let max = -Infinity
    for (let e = 0; e < count; e++) max = Math.max(max, values[from + e])
    let sum = 0
    for (let e = 0; e < count; e++) {
      powers[e] = exp(values[from + e] - max)
      sum += powers[e]
    }
    for (let e = 0; e < count; e++) out[from + e] = powers[e] / sum
  }
  return { pattern, values: out }
}
