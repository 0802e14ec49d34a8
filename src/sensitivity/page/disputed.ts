import { variants } from '../legal/variants.ts'
import { DETECTORS, type Results } from '../results.ts'
import { drawnResults } from '../totals.ts'
import { nameOf, ownHeard } from './detectors.ts'
import type { Table } from './table.ts'

/** One line per disputed runtime: on how many questions it is called wrong. */
export function disputedTable(results: Results): Table {
  const parts = [...drawnResults(results), ...Object.values(results.probes)]
  const rows = variants
    .filter(({ disputed }) => disputed !== undefined)
    .map(({ id }) => {
      const tallies = parts.flatMap(({ variants: own }) => own[id] ?? [])
      const sum = (what: 'said' | 'alarms', detector: string): number =>
        tallies.reduce((total, tally) => total + tally[what][DETECTORS.indexOf(detector)], 0)
      return [id, String(sum('said', 'outputs'))].concat(
        ownHeard(results).map((detector) => String(sum('alarms', detector))),
      )
    })
  return { headings: ['runtime', 'questions', ...ownHeard(results).map(nameOf)], rows }
}
