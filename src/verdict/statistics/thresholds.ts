/**
 * Above what a statistic is suspected. Measured, not derived: on 5,790 runs of 24 emulated legal float32 runtimes over STViT Eq. 1
 * and Sparsifiner Eqs. 1–6 (largest value seen in brackets), with what small tensors need besides fitted on the three naive
 * runtimes of the property tests over all eighteen equations.
 */
export interface Thresholds {
  /** Changes with any number below. */
  readonly version: string
  /** Root mean square of z [1.07; after a GELU with erf by Abramowitz–Stegun 7.1.26 in float32 1.53]. */
  readonly rms: { readonly dense: number; readonly gelu: number }
  /** The same, above which no legal run was ever seen. */
  readonly grossRms: number
  /** max |z| [10.1]. */
  readonly largest: number
  /** The same, above which no legal run was ever seen. */
  readonly gross: number
  /** max |z| over the RMS of all but the largest 1 % [14.8; softmax 18]. */
  readonly outlier: { readonly dense: number; readonly softmax: number }
  /** What RMS and median count as at least in ratios: below it all is nearly exact, and ratios say nothing. */
  readonly floor: number
  /** Largest RMS of a row over the median of rows [6.3; softmax 7.3]. */
  readonly row: { readonly dense: number; readonly softmax: number }
  /** The same of columns [4.0]. */
  readonly column: number
  /** Slope of e on v, in u [1.2; softmax 23]. */
  readonly slope: { readonly dense: number; readonly softmax: number }
  /** Mean of row sum − 1 of a softmax, in u [1.6]. */
  readonly meanRowSum: number
  /** The largest of them [17]. */
  readonly rowSum: number
}

/** The thresholds that verdicts are made with. */
export const thresholds: Thresholds = {
  version: '1',
  rms: { dense: 1.35, gelu: 2.2 },
  grossRms: 3,
  largest: 14,
  gross: 30,
  outlier: { dense: 20, softmax: 30 },
  floor: 0.04,
  row: { dense: 8, softmax: 12 },
  column: 5,
  slope: { dense: 3, softmax: 60 },
  meanRowSum: 3,
  rowSum: 30,
}
