import { nearest, nearIn } from '../nearness.ts'
import type { Results } from '../results.ts'
import type { Table } from './table.ts'

/** The statistics, in the order of `docs/verdict.md`, and what they are called there. */
const NAMES: Readonly<Record<string, string>> = {
  share: 'error as a share of its bound, a proof',
  largest: 'largest abs(z)',
  rms: 'RMS of z',
  outlier: 'largest abs(z) over the usual one',
  row: 'row over the median row',
  column: 'column over the median column',
  slope: 'slope of the error on v, in u',
  lane: 'gain of a lane of columns less that of all, in u',
  'mean-row-sum': 'mean row sum of a softmax less 1, in u',
  'row-sum': 'largest of them, in u',
  direction: 'named direction, in standard errors',
}

/** One line per statistic: the honest run that came nearest to being suspected for it. */
export function nearestTable({ equations, honest, probes, atSize }: Results): Table {
  const found = nearest(
    [equations, honest, probes, atSize].flatMap((part) =>
      Object.entries(part).map(([id, result]) => nearIn(id, result.nearest)),
    ),
  )
  const rows = Object.entries(NAMES).flatMap(([key, name]) => {
    const near = found[key]
    if (near === undefined) return []
    const { value, threshold, where } = near
    const numbers = [value, threshold].map((x) => String(Number(x.toPrecision(4))))
    return [new Array<string>(name).concat(numbers, `${Math.round((100 * value) / threshold)} %`, where)]
  })
  return { headings: ['statistic', 'value', 'threshold', 'share', 'run'], rows }
}
