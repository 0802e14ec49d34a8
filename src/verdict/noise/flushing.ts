import type { Tensor } from '../../../reference/tensor.ts'
import { SMALLEST_NORMAL } from '../profile/accuracy.ts'
import { fill } from './noise.ts'
import { once } from './once.ts'

/** A bilinear sum of products over float64 tensors. */
export type Bilinear = (x: Tensor, y: Tensor) => Tensor

/**
 * What flushing subnormals may cost: F·Σ|other| for a flushed factor, n·F for flushed products. Nothing where neither can
 * be subnormal.
 */
export function flushing(multiply: Bilinear, x: Tensor, y: Tensor, n: number): (index: number) => number {
  const [leastX, leastY] = [leastOf(x), leastOf(y)]
  const products = leastX * leastY < SMALLEST_NORMAL ? n * SMALLEST_NORMAL : 0
  const fromX = leastX < SMALLEST_NORMAL ? multiply(ones(x), magnitude(y)) : undefined
  const fromY = leastY < SMALLEST_NORMAL ? multiply(magnitude(x), ones(y)) : undefined
  return (i) => products + SMALLEST_NORMAL * ((fromX?.data[i] ?? 0) + (fromY?.data[i] ?? 0))
}

/** The least magnitude that is not 0. */
export const leastOf: (x: Tensor) => number = once(({ data }) => {
  let least = Infinity
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i])
    if (size !== 0 && size < least) least = size
  }
  return least
})

function ones({ shape }: Tensor): Tensor {
  return fill(shape, () => 1)
}

function magnitude({ data, shape }: Tensor): Tensor {
  return fill(shape, (i) => Math.abs(data[i]))
}
