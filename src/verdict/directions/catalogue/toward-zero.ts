import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, type Suspects } from '../direction.ts'
import { map } from '../elements.ts'
import type { Rules } from '../traced.ts'
import { UNIT } from '../units.ts'

const SUMS = [
  'linear',
  'matmul',
  'matmulTransposed',
  'matmulAt',
  'sparseMatmul',
  'sparseMatmulDense',
  'sum',
  'mean',
] as const

/** Half an ULP of a value, relative, on average over its mantissa: u·∫₁² dm/m² ÷ ∫₁² dm/m = 0.72u. */
const LOST = 0.72 * UNIT

/**
 * Sums rounded toward zero, term by term in order. Every partial sum loses 0.72u of itself on average, so term j of n,
 * which is in n − j + 1 of them, counts for 1 − 0.72u·(n − j + 1), and for as much less again if its product is rounded
 * so too.
 */
export const towardZero: Suspects = (tape) => {
  const calls = callsOf(tape, ...SUMS)
  if (calls.length === 0) return []
  return [
    {
      id: 'sums/toward-zero',
      says: 'sums rounded toward zero',
      costly: true,
      oneWay: true,
      run: altered(tape, calls, summingDown),
    },
  ]
}

function summingDown(usual: Rules): Partial<Rules> {
  /** The terms along the last axis, or of all, with what is lost of each. */
  const lessened = (x: Tensor, n = x.shape.at(-1) ?? 1): Tensor =>
    map(x, (value, i) => value * (1 - LOST * (n - (i % n) + 1)))
  return {
    linear: (x, weight, bias) => usual.linear(lessened(x), weight, bias),
    matmul: (x, y) => usual.matmul(lessened(x), y),
    matmulTransposed: (x, y) => usual.matmulTransposed(lessened(x), y),
    matmulAt: (mask, x, y) => usual.matmulAt(mask, lessened(x), y),
    sparseMatmul: (x, y) => usual.sparseMatmul({ ...x, values: lessened(x.values) }, y),
    sparseMatmulDense: (x, y) => usual.sparseMatmulDense({ ...x, values: lessened(x.values) }, y),
    sum: (x, over) => usual.sum(lessened(x, over === 'all' ? x.size : undefined), over),
    mean: (x, over) => usual.mean(lessened(x, over === 'all' ? x.size : undefined), over),
  }
}
