/** One statistic of a tensor, held against its threshold. */
export interface Statistic {
  readonly name: StatisticName
  readonly value: number
  /** Of this tensor: of small ones it is higher than the table's. */
  readonly threshold: number
  /** What it contributes to the verdict: statistics suspect, they prove nothing. */
  readonly verdict: 'pass' | 'suspect'
  /** Beyond anything ever seen on a legal run. */
  readonly gross: boolean
  /** What a user reads. */
  readonly sentence: string
}

/** As in the JSON of a verdict; docs/verdict.md says what each notices. */
export type StatisticName =
  'rms' | 'largest' | 'outlier' | 'row' | 'column' | 'slope' | 'lane' | 'mean-row-sum' | 'row-sum'

/** u, the unit roundoff of float32. */
export const UNIT: number = 2 ** -24

/** {@link Statistic}: suspect above `threshold`, gross above `gross`; both numbers reach `words` with three digits. */
export function statistic(
  name: StatisticName,
  value: number,
  threshold: number,
  words: (value: string, threshold: string) => string,
  gross: number = Infinity,
): Statistic {
  return {
    name,
    value,
    threshold,
    verdict: value > threshold ? 'suspect' : 'pass',
    gross: value > gross,
    sentence: words(digits(value), digits(threshold)),
  }
}

function digits(x: number): string {
  return String(Number(x.toPrecision(3)))
}

/** The largest magnitude; 0 of nothing. */
export function largestOf(values: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]))
  return most
}
