import type { Results } from '../results.ts'
import { heard, nameOf } from './detectors.ts'
import type { Table } from './table.ts'

/** One line per equation and sweep: the least size that each detector catches, in the median. */
export function sweepTable(results: Results): Table {
  const detectors = heard(results)
  return {
    headings: ['equation', 'fault', ...detectors.map(nameOf)],
    rows: Object.entries(results.sweeps).flatMap(([id, found]) =>
      Object.entries(found).map(([sweep, byDetector]) =>
        [id, sweep].concat(detectors.map((detector) => medianSize(byDetector[detector] ?? []))),
      ),
    ),
  }
}

/** The median of the least sizes caught; a size never caught is larger than any. */
function medianSize(least: readonly (number | null)[]): string {
  const sorted = least.toSorted((a, b) => (b ?? 0) - (a ?? 0))
  const middle = sorted[Math.floor(sorted.length / 2)] ?? null
  return middle === null ? 'none' : `2^−${middle}`
}
