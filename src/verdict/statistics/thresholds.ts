/**
 * Above what a statistic is suspected. Measured, not derived; in brackets the largest value seen. First on 5,790 runs of 24 emulated legal
 * float32 runtimes over STViT Eq. 1 and Sparsifiner Eqs. 1–6; since version 2 on those of `touchstone sensitivity` on tuning seeds 0 to 35
 * (48 runtimes, all eighteen equations, about 107,000 tensors), and of twelve of them at DeiT-S size. `touchstone sensitivity
 * --tuning` shows whether an honest run passes any of them, not by how little it does not.
 */
export interface Thresholds {
  /** Changes with any number below. */
  readonly version: string
  /** Root mean square of z [1.07; after a GELU with erf by Abramowitz–Stegun 7.1.26 in float32 1.53]. */
  readonly rms: { readonly dense: number; readonly gelu: number }
  /** The same, above which no legal run was ever seen. */
  readonly grossRms: number
  /**
   * max |z| of one element [5.4], how much more for every doubling of their number, and of any number [of 300 6.8, of 75,000 8.9; first
   * 10.1].
   */
  readonly largest: { readonly one: number; readonly doubling: number; readonly most: number }
  /** max |z| above which no legal run was ever seen. */
  readonly gross: number
  /** How far z² of a tensor of few elements may be off on average, besides: of two elements, of sixteen that share a sum [3.5²]. */
  readonly few: number
  /** max |z| over the RMS of all but the largest 1 % [14.8; softmax 18]. */
  readonly outlier: { readonly dense: number; readonly softmax: number }
  /** What RMS and median count as at least in ratios: below it all is nearly exact, and ratios say nothing. */
  readonly floor: number
  /** Largest RMS of a row over the median of rows [6.3; softmax 7.3]. */
  readonly row: { readonly dense: number; readonly softmax: number }
  /** The same of columns [4.0]. */
  readonly column: number
  /** Slope of e on v, in u, beyond its own noise [1.2]. */
  readonly slope: number
  /** Of the gain of a lane, how many standard errors more for every doubling of the lanes there are. */
  readonly lanes: number
  /** Standard errors of a slope through many elements [2.3]; through one it is a test of one z. */
  readonly errors: number
  /**
   * Standard errors of the share of a named direction, beyond what legal functions lean: of one that lives in many
   * elements, and of one of a single element [on reported seeds 3.3 where 3.6 is allowed; docs/sensitivity.md, "How
   * near honest runs come"].
   */
  readonly direction: { readonly many: number; readonly one: number }
  /** Mean of row sum − 1 of a softmax, in u [1.6]. */
  readonly meanRowSum: number
  /** The largest of them [17]. */
  readonly rowSum: number
}

/** The thresholds that verdicts are made with. */
export const thresholds: Thresholds = {
  version: '4',
  rms: { dense: 1.35, gelu: 2.2 },
  grossRms: 3,
  largest: { one: 8, doubling: 0.5, most: 14 },
  gross: 30,
  few: 16,
  outlier: { dense: 20, softmax: 30 },
  floor: 0.04,
  row: { dense: 8, softmax: 12 },
  column: 5,
  slope: 2,
  lanes: 0.125,
  errors: 4.5,
  direction: { many: 3.5, one: 5.25 },
  meanRowSum: 3,
  rowSum: 30,
}

/** max |z| of so many different elements above which it is suspected. */
export function largestOf(elements: number): number {
  const { one, doubling, most } = thresholds.largest
  return Math.min(most, one + doubling * Math.log2(Math.max(1, elements)))
}

/**
 * How many standard errors of what is fitted to so many elements are suspected: of one element as many as of z itself, of many fewer.
 */
export function errorsOf(elements: number): number {
  const { errors, largest } = thresholds
  return errors + (largest.one - errors) / Math.sqrt(Math.max(1, elements))
}
