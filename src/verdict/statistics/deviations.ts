import type { Shape } from '../../../reference/tensor.ts'
import { countDistinct } from './distinct.ts'

/**
 * Rows that a softmax gives whole, or at a mask, sum to one. After a GELU the error of erf is a curve that all elements share, of
 * which the declared accuracy allows more than its standard deviation says.
 */
export type Kind = 'softmax' | 'gelu'

/** What statistics run over: one tensor's errors against legal rounding noise; all arrays row-major and of one length. */
export interface Errors {
  readonly shape: Shape
  /** found − truth, in float64. */
  readonly e: Float64Array
  /** Standard deviation of legal rounding noise; 0 where the bits are decided, infinite or NaN where nobody knows. */
  readonly s: Float64Array
  /** Truth. */
  readonly v: Float64Array
  /** Entries whose byte is 0 mean nothing. */
  readonly judged?: Uint8Array | undefined
  /** What gives the tensor, on the upstream it is judged on, where that has thresholds of its own. */
  readonly kind?: Kind
  /** The part of e that is proportional to v by right, relative: a LayerNorm's rsqrt. */
  readonly coherent?: number
  /** The same of what each row of a softmax may share. */
  readonly inRow?: number
  /** What elements share, for where a suspicion hangs on it. */
  readonly shared?: () => Shared
}

/** Errors of a whole tensor in legal runtimes, in which elements share what they share. */
export interface Shared {
  /** In draws of legal noise. */
  readonly noise: readonly Float64Array[]
  /** With nothing off but erf, along curves as far off as is allowed. */
  readonly curves: readonly Float64Array[]
}

/** z = e/s where an element is judged and its noise is known; 0 < s < ∞. */
export interface Deviations {
  readonly z: Float64Array
  /** The place of each z. */
  readonly index: Int32Array
  /**
   * How many of the values there differ. Equal ones were computed from equal tokens (blank patches, padding, inputs that underflow)
   * and are off by the same error: they are one draw of noise, not many.
   */
  readonly different: number
  /** Judged elements that are off where no rounding can happen, or not finite where truth is. */
  readonly impossible: number
}

/** The smallest normal float32: flushing may cost as much whatever s says. */
const FLUSH = 2 ** -126

/** The deviations of the elements that statistics count. */
export function deviationsOf({ e, s, v, judged }: Errors): Deviations {
  const places = new Int32Array(e.length)
  const deviations = new Float64Array(e.length)
  let [counted, impossible] = [0, 0]
  for (let i = 0; i < e.length; i++) {
    if (judged?.[i] === 0 || !(s[i] < Infinity)) continue
    if (Number.isNaN(e[i]) || (s[i] === 0 && Math.abs(e[i]) > FLUSH)) impossible++
    else if (s[i] > 0) {
      deviations[counted] = (Math.sign(e[i]) * Math.max(0, Math.abs(e[i]) - FLUSH)) / s[i]
      places[counted++] = i
    }
  }
  const index = places.subarray(0, counted)
  return { z: deviations.subarray(0, counted), index, different: countDistinct(v, index), impossible }
}

/** Root mean square; 0 of nothing. */
export function rms(z: ArrayLike<number>): number {
  let squares = 0
  for (let i = 0; i < z.length; i++) squares += z[i] * z[i]
  return z.length === 0 ? 0 : Math.sqrt(squares / z.length)
}

/** The middle one; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
