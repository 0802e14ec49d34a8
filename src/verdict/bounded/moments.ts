import type { Real } from '../../../reference/tensor.ts'
import { LARGEST, SMALLEST_NORMAL, type Accuracy } from '../profile/accuracy.ts'
import { compose } from './bounded.ts'

/** What LayerNorm normalises a row by: its mean μ within B_μ, and r = (var + ε)^−½. */
export interface Moments {
  readonly mean: number
  /** B_μ. */
  readonly ofMean: number
  readonly r: number
  /** By how much of itself r̂ may be larger: infinite where the denominator may be 0, or something may overflow. */
  readonly above: number
  /** By how much of itself it may be smaller. */
  readonly below: number
}

/** The mean μ of a row of n numbers within x ± B, and what its variance is bounded from. */
export interface RowMean {
  readonly mean: number
  /** mean B: what μ inherits. */
  readonly inherited: number
  /** What computing the mean in float32 adds: (γ_(n − 1) ∘ D)·mean(|x| + B), D standing for a division, and what flushing takes. */
  readonly averaging: number
  /** |μ| + mean B. */
  readonly largest: number
  /** Σ(|x| + B)². */
  readonly squares: number
  /** Whether a legal sum of squares may be beyond the largest float32. */
  readonly mayOverflow: boolean
  /** What one flushed result takes. */
  readonly lost: number
}

/** {@link RowMean} of the numbers within x ± B; as n is their count, at least 1. */
export function meanOfRow({ gamma, divide, flush }: Accuracy, x: Real, B: Real): RowMean {
  const n = x.length
  let [sum, inherited, magnitudes, squares] = [0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const largest = Math.abs(x[i]) + B[i]
    sum += x[i]
    inherited += B[i] / n
    magnitudes += largest / n
    squares += largest * largest
  }
  const mean = sum / n
  const lost = flush + divide * SMALLEST_NORMAL
  return {
    mean,
    inherited,
    averaging: compose(gamma(n - 1), divide) * magnitudes + n * lost,
    largest: Math.abs(mean) + inherited,
    squares,
    mayOverflow: !(squares * (1 + gamma(n)) <= LARGEST),
    lost,
  }
}

/**
 * What computing a variance of at most `most` adds where it may be E[x²] − μ², in one pass over n numbers: (γ_n ∘
 * D)·mean((|x| + B)²) of the first; of the second (2|μ| + e)·e, e what the mean is off, and u of the square; u of the
 * difference. No less than `twoPass`, which is as legal.
 */
export function ofVariance(
  { u, gamma, divide, profile }: Accuracy,
  n: number,
  { averaging, largest, squares }: RowMean,
  most: number,
  twoPass: number,
): number {
  if (!profile.rewrites.onePassLayerNorm) return twoPass
  const cancelling =
    compose(gamma(n), divide) * (squares / n) +
    (2 * largest + averaging) * averaging +
    u * (largest + averaging) ** 2
  return Math.max(twoPass, cancelling + u * (most + cancelling))
}
