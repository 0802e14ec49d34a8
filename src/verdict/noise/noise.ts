import type { Kinds } from '../../../reference/arithmetic.ts'
import type { MaskArray } from '../../../reference/evaluator.ts'
import { once } from './once.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'

/**
 * A float64 value with the variance of the rounding noise that a legal float32 runtime would have there, as far as one
 * can say without knowing the runtime. Statistics, not a bound.
 */
export interface Noisy {
  readonly v: Tensor
  /**
   * Infinite or NaN where a legal evaluation may overflow on the way, or where a choice that noise may turn decides: nobody
   * can say what a runtime should hold there.
   */
  readonly s2: Tensor
  /** Whether the errors of a row have a part in common, that of the logarithm they share: summed over the row, they add up. */
  readonly rowShared?: boolean
  /** Whether all rows have such a part in common, so that it adds up again in what rows come to. */
  readonly allShared?: boolean
}

/** The same of whole rows; `kept` marks what may be held. */
export interface NoisySparse extends Noisy {
  readonly kept: Uint8Array
}

/** A mask, truth's or a runtime's, and how sure it is. */
export interface NoisyMask extends MaskArray {
  /** What the mask was chosen by; without it the mask is exact. */
  readonly chosenBy?: { readonly scores: Noisy; readonly budget: number }
  /** 1 where noise in the scores may turn the choice. See `choice.ts`. */
  readonly open?: Uint8Array
}

/** What the noise arithmetic computes with. */
export interface NoisyKinds extends Kinds {
  readonly Dense: Noisy
  readonly Sparse: NoisySparse
  readonly Mask: NoisyMask
}

/** A value known exactly. */
export function exactly(v: Tensor): Noisy {
  return { v, s2: tensor(new Float64Array(v.size), v.shape) }
}

/** `f` of every index, as a float64 tensor. */
export function fill(shape: Shape, f: (index: number) => number): Tensor {
  const data = new Float64Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = f(i)
  return tensor(data, shape)
}

/**
 * The variance, about the float32 `v` that a runtime shows, of what it went on with in wider registers: some `x` that rounds to `v`. Half an ULP is
 * 2⁻²⁴·|v| at most, and on average half of that.
 */
export function carriedVariance(v: number): number {
  return (2 ** -25 * v) ** 2
}

/** `x²`, element by element. */
export const squared: (x: Tensor) => Tensor = once(({ data, shape }) => {
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = data[i] * data[i]
  return tensor(out, shape)
})

/** |x|, element by element. */
export const magnitude: (x: Tensor) => Tensor = once(({ data, shape }) => {
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(data[i])
  return tensor(out, shape)
})

/** √s², element by element. */
export function deviation({ data, shape }: Tensor): Tensor {
  return fill(shape, (i) => Math.sqrt(data[i]))
}
