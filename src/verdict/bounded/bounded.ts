import type { Kinds } from '../../../reference/arithmetic.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { isZero, zeros } from '../noise/once.ts'
import type { Noisy, NoisyMask } from '../noise/noise.ts'

/**
 * A float64 value v with a bound b ≥ |float32 − v| for every legal float32 runtime, and the variance s² of legal noise.
 * Infinite b: a legal evaluation may overflow on the way, or divide by zero, so nothing can be proved there.
 */
export interface Bounded extends Noisy {
  readonly b: Tensor
  /** If v has just come out of a product: the bounds of k·v where k > 0 is applied to the factors, or split over both. */
  readonly folded?: (k: number) => Tensor
  readonly traits?: Traits
  /**
   * A tensor as a file shows it. Of one that is shown whole, choices are made of v itself, whatever else a runtime went
   * on with; where a file holds another format than sums are in, of what was rounded to it.
   */
  readonly shown?: 'whole' | 'rounded'
}

/** What the errors of a tensor have in common, which no variance says. */
export interface Traits {
  /** What gave it, where errors follow a pattern of its own. */
  readonly kind?: 'softmax' | 'gelu'
  /**
   * A relative error that all elements may share: of a root, a divisor or a constant. As a standard deviation, a quarter of the
   * largest.
   */
  readonly coherent: number
  /** The same of what each row of a softmax may share. */
  readonly inRow?: number
}

/** `kept` marks what may be held; what is not surely held is bounded together with 0. */
export interface BoundedSparse extends Bounded {
  readonly kept: Uint8Array
}

/** A mask of three values: kept, dropped, and `ambiguous`, where legal runtimes may differ. */
export interface BoundedMask extends NoisyMask {
  readonly chosenBy?: { readonly scores: Bounded; readonly budget: number }
  readonly ambiguous?: Uint8Array
}

/** What the bounded arithmetic computes with. Shapes are truth's. */
export interface BoundedKinds extends Kinds {
  readonly Dense: Bounded
  readonly Sparse: BoundedSparse
  readonly Mask: BoundedMask
}

/** A value known exactly. */
export function known(v: Tensor): Bounded {
  return { v, b: zeros(v.shape), s2: zeros(v.shape) }
}

/** What choices are made of: of what a file shows whole, that. */
export function chooser<B extends Bounded>(x: B): B {
  return x.shown === 'whole' ? { ...x, ...known(x.v) } : x
}

/** Whether no legal runtime can differ from v anywhere. */
export function isKnown({ b }: Bounded): boolean {
  return isZero(b)
}

/** (1 + a)(1 + b)… − 1: relative errors one after another. */
export function compose(...errors: readonly number[]): number {
  return errors.reduce((total, error) => total + error + total * error, 0)
}
