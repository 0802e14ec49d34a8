import type { Kinds } from '../../../reference/arithmetic.ts'
import type { MaskArray } from '../../../reference/evaluator.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'

/** u, the unit roundoff of float32 (round to nearest). */
export const UNIT: number = 2 ** -24
/** c = u/2, about the standard deviation of one rounding's relative error. */
export const ROUNDING: number = UNIT / 2
/** The smallest normal float32: what a flushed subnormal may be off by. */
export const FLUSH: number = 2 ** -126
/** The largest float32. */
export const LARGEST: number = 3.4028234663852886e38

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
}

export interface NoisySparse extends Noisy {
  readonly kept: Uint8Array
}

export interface NoisyMask extends MaskArray {
  /** What the mask was chosen by; without it the mask is exact. */
  readonly chosenBy?: { readonly scores: Noisy; readonly budget: number }
  /** 1 where noise in the scores may turn the choice. See `noise-choice.ts`. */
  readonly open?: Uint8Array
}

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

/** `x²`, element by element. */
export function squared({ data, shape }: Tensor): Tensor {
  return fill(shape, (i) => data[i] * data[i])
}

/**
 * The variance of a float32 sum of n terms t with S = Σt and Q = Σt², by any order of exchangeable terms:
 * c²[n(S²/3 + Q/6) + S²]; c² of Q more where the terms are products, each rounded. Infinite
 * where a partial sum may overflow. Where terms are equal, `alike` takes the place of n (`noise-alike.ts`).
 */
export function sumNoise(n: number, S: number, Q: number, termsRounded: boolean, alike: number = n): number {
  // some order of summing may come to Σ|t| ≤ √(nQ) on its way
  if (!(n * Q <= LARGEST ** 2)) return Infinity
  return ROUNDING ** 2 * (alike * ((S * S) / 3 + Q / 6) + S * S + (termsRounded ? Q : 0))
}
