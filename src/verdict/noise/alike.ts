import type { Tensor } from '../../../reference/tensor.ts'

/**
 * Terms that are alike round alike, so that their errors add up instead of averaging out: in the noise of a sum the
 * number of terms is replaced by the sum of the squared sizes of the groups of equal ones. With none equal that is the
 * number of terms. Terms of 0 are added without rounding and stay out of the groups.
 */

/** Of each matrix `[k, m]` of y: Σ(group size)² over its equal rows, which a sum over the k rows meets as equal terms. */
export function alikeRows({ data, shape }: Tensor): Float64Array {
  const [k, m] = shape.slice(-2)
  return Float64Array.from({ length: data.length / (k * m) }, (_, matrix) => {
    const groups = new Map<string, number>()
    let zeros = 0
    for (let row = 0; row < k; row++) {
      const start = (matrix * k + row) * m
      const terms = data.subarray(start, start + m)
      if (terms.every((value) => value === 0)) {
        zeros++
        continue
      }
      const key = terms.join()
      groups.set(key, (groups.get(key) ?? 0) + 1)
    }
    return zeros + sumOfSquares(groups)
  })
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

function sumOfSquares(groups: ReadonlyMap<unknown, number>): number {
  let sum = 0
  for (const size of groups.values()) sum += size * size
  return sum
}
