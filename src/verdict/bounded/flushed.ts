import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { leastOf } from '../noise/flushing.ts'
import { once } from '../noise/once.ts'
import { LARGEST, SMALLEST_NORMAL } from '../profile/accuracy.ts'
import { isKnown, type Bounded } from './bounded.ts'

/**
 * The bound of a number of magnitude `value`, known within `bound`, that may be taken as 0 where it is below `flush`: whatever
 * may be there may be 0, and then the error is the value itself.
 */
function flushed(value: number, bound: number, flush: number): number {
  return value - bound < flush ? Math.max(value, bound) : bound
}

/** The bounds of x as an operand, of which what may be below `flush` may be taken as 0. */
export function asOperand(x: Bounded, flush: number): Tensor {
  if (!(leastEnd(x) < flush)) return x.b
  const [v, b] = [x.v.data, x.b.data]
  const out = new Float64Array(v.length)
  for (let i = 0; i < out.length; i++) out[i] = flushed(Math.abs(v[i]), b[i], flush)
  return tensor(out, x.v.shape)
}

/** The least |v| − b of what is not 0. */
const leastEnd: (x: Bounded) => number = once((x: Bounded) => {
  if (isKnown(x)) return leastOf(x.v)
  const [v, b] = [x.v.data, x.b.data]
  let least = Infinity
  for (let i = 0; i < v.length; i++) {
    const end = Math.abs(v[i]) - b[i]
    if (end < least && v[i] !== 0) least = end
  }
  return least
})

/**
 * The bound of a result of magnitude `value`: B inherited and `error`·max(value + B, F) of its own; 0 of what is surely 0,
 * infinite where the result may overflow.
 */
export function resultBound(value: number, inherited: number, error: number, flush: number): number {
  const largest = value + inherited
  if (largest === 0) return 0
  const bound = inherited + error * Math.max(largest, SMALLEST_NORMAL)
  return value + bound <= LARGEST ? flushed(value, bound, flush) : Infinity
}
