import type { Tensor } from '../../../reference/tensor.ts'
import { SMALLEST_NORMAL } from '../profile/accuracy.ts'

/** Integers up to this are float32 numbers. */
const INTEGERS = 2 ** 24

/**
 * The largest Σ|terms| up to which a sum of products xy and terms z is exact in any order, fused or not, rounded anyhow: all its
 * partial sums are multiples of one power of two g, and up to 2²⁴·g all of those are float32 numbers. 0 if the operands share no
 * such grid.
 */
export function exactUpTo(x: Tensor, y: Tensor, z?: Tensor): number {
  const [ofX, ofY] = [gridOf(x), gridOf(y)]
  const products = ofX === 0 || ofY === 0 ? 0 : ofX * ofY
  const grid = z === undefined ? products : Math.min(products, gridOf(z))
  // that of zeros alone is infinite
  return grid >= SMALLEST_NORMAL && grid < Infinity ? INTEGERS * grid : 0
}

/** The largest power of two that divides all elements; 0 where the largest of them is beyond 2²⁴ of it, Infinity of zeros alone. */
function gridOf({ data }: Tensor): number {
  let [grid, largest] = [Infinity, 0]
  for (const value of data) {
    if (value === 0) continue
    const size = Math.abs(value)
    largest = Math.max(largest, size)
    grid = Math.min(grid, 2 ** Math.floor(Math.log2(size)))
    while (largest <= INTEGERS * grid && size % grid !== 0) grid /= 2
    if (!(largest <= INTEGERS * grid)) return 0
  }
  return grid
}
