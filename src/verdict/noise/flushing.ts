import type { Tensor } from '../../../reference/tensor.ts'
import { SMALLEST_NORMAL } from '../profile/accuracy.ts'
import type { Bilinear } from './bilinear.ts'
import { fill, magnitude } from './noise.ts'
import { once } from './once.ts'

/**
 * What flushing subnormals may cost: F·Σ|other| for a flushed factor, n·F for flushed products. Undefined where neither can
 * be subnormal.
 */
export function flushing(
  multiply: Bilinear,
  x: Tensor,
  y: Tensor,
  n: number,
): ((index: number) => number) | undefined {
  const [leastX, leastY] = [leastOf(x), leastOf(y)]
  if (leastX * leastY >= SMALLEST_NORMAL && leastX >= SMALLEST_NORMAL && leastY >= SMALLEST_NORMAL)
    return undefined
  const products = leastX * leastY < SMALLEST_NORMAL ? n * SMALLEST_NORMAL : 0
  const fromX = leastX < SMALLEST_NORMAL ? multiply.withMagnitudes(ones(x), y) : undefined
  const fromY = leastY < SMALLEST_NORMAL ? multiply.plain(magnitude(x), ones(y)) : undefined
  return (i) => products + SMALLEST_NORMAL * ((fromX?.data[i] ?? 0) + (fromY?.data[i] ?? 0))
}

/** The least magnitude that is not 0. */
export const leastOf: (x: Tensor) => number = once(({ data }) => {
  let least = Infinity
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i])
    if (size < least && size !== 0) least = size
  }
  return least
})

function ones({ shape }: Tensor): Tensor {
  return fill(shape, () => 1)
}
