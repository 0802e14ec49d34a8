import type { Tensor } from '../../../reference/tensor.ts'
import { once } from './once.ts'

/** u. */
const UNIT = 2 ** -24

/**
 * Terms that are alike round alike, so that their errors add up instead of averaging out: in the noise of a sum the
 * number of terms is replaced by the sum of the squared sizes of the groups of those alike. With none alike that is the
 * number of terms. Terms of 0 are added without rounding and stay out of the groups.
 */

/**
 * Of each column of each matrix `[k, m]` of y, Σ(group size)² over its values that are nearly equal, which a sum over the k rows meets as equal terms: what they differ by is
 * less than an ULP of the sum, 2ku of a value. Of values that have nothing in common hardly two are as near.
 */
export const alikeInColumns: (y: Tensor) => Float64Array = once(({ data, shape }) => {
  const [k, m] = shape.slice(-2)
  const column = new Float64Array(k)
  return Float64Array.from({ length: data.length / k }, (_, at) => {
    const first = Math.floor(at / m) * k * m + (at % m)
    for (let row = 0; row < k; row++) column[row] = data[first + row * m]
    return nearlyAlike(column)
  })
})

/** Σ(group size)² over values of which those that differ by less than an ULP of their sum are equal. */
export function nearlyAlike(values: Float64Array): number {
  return sumOfSquaredGroups(values.toSorted(), values.length * 2 ** -23)
}

/** Σ(group size)² of ascending values, those within a share `near` of the first of their group in it. */
function sumOfSquaredGroups(ascending: Float64Array, near: number): number {
  let [total, size, first] = [0, 0, NaN]
  for (const value of ascending) {
    if (value === 0) total++
    else if (value - first <= near * Math.max(Math.abs(first), Math.abs(value))) size++
    else {
      total += size * size
      size = 1
      first = value
    }
  }
  return total + size * size
}

/** Σ(group size)² over the equal values of `count` elements from `start`. */
export function alikeValues({ data }: Tensor, start: number, count: number): number {
  const groups = new Map<number, number>()
  let zeros = 0
  for (let i = start; i < start + count; i++) {
    if (data[i] === 0) zeros++
    else groups.set(data[i], (groups.get(data[i]) ?? 0) + 1)
  }
  return zeros + sumOfSquares(groups)
}

/** The same of a row with this mean and variance: all n² where values are within half an ULP of their sum of one another, as in the token of a dark patch. */
export function alikeInRow(x: Tensor, start: number, n: number, mean: number, variance: number): number {
  return variance <= (UNIT * n * mean) ** 2 ? n * n : alikeValues(x, start, n)
}

function sumOfSquares(groups: ReadonlyMap<unknown, number>): number {
  let sum = 0
  for (const size of groups.values()) sum += size * size
  return sum
}
