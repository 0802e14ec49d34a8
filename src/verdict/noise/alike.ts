import type { Tensor } from '../../../reference/tensor.ts'
import { once } from './once.ts'

/**
 * Terms that are alike round alike, so that their errors add up instead of averaging out: in the noise of a sum the
 * number of terms is replaced by the sum of the squared sizes of the groups of equal ones. With none equal that is the
 * number of terms. Terms of 0 are added without rounding and stay out of the groups.
 */

/** Of each matrix `[k, m]` of y: Σ(group size)² over its equal rows, which a sum over the k rows meets as equal terms. */
export const alikeRows: (y: Tensor) => Float64Array = once(({ data, shape }) => {
  const [k, m] = shape.slice(-2)
  return Float64Array.from({ length: data.length / (k * m) }, (_, matrix) => {
    let zeros = 0
    // equal rows have equal sums; the reverse is looked at
    const bySum = new Map<number, number[]>()
    for (let row = 0; row < k; row++) {
      const start = (matrix * k + row) * m
      if (isZeroRow(data, start, m)) zeros++
      else group(bySum, sumOf(data, start, m), start)
    }
    let total = zeros
    for (const starts of bySum.values()) {
      if (starts.length === 1) total++
      else {
        const equal = new Map<string, number[]>()
        for (const start of starts) group(equal, data.subarray(start, start + m).join(), start)
        for (const { length } of equal.values()) total += length * length
      }
    }
    return total
  })
})

function group<K>(groups: Map<K, number[]>, key: K, member: number): void {
  const members = groups.get(key)
  if (members === undefined) groups.set(key, [member])
  else members.push(member)
}

function isZeroRow(data: Tensor['data'], start: number, m: number): boolean {
  for (let i = start; i < start + m; i++) if (data[i] !== 0) return false
  return true
}

function sumOf(data: Tensor['data'], start: number, m: number): number {
  let sum = 0
  for (let i = start; i < start + m; i++) sum += data[i]
  return sum
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
