import { DETECTORS, type Results } from '../results.ts'
import { heard, nameOf } from './detectors.ts'
import type { Table } from './table.ts'

/** One line per way of comparing: honest runs at the size of a model. */
export function sizeTable(results: Results): Table {
  const tallies = Object.values(results.atSize)
  const rows = heard(results).map((detector) => {
    const at = DETECTORS.indexOf(detector)
    const [said, alarms] = (['said', 'alarms'] as const).map((what) =>
      tallies.reduce((sum, tally) => sum + tally[what][at], 0),
    )
    return [nameOf(detector), String(said), String(alarms)]
  })
  return { headings: ['comparison', 'distinct runs', 'called wrong'], rows }
}
