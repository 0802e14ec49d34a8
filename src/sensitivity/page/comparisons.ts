import { CLASSES } from '../mutants/index.ts'
import { falseAlarms, kills } from '../rates.ts'
import type { Results } from '../results.ts'
import { drawnResults } from '../totals.ts'
import { heard, nameOf } from './detectors.ts'
import { percent, type Table } from './table.ts'

/** One line per way of comparing: false alarms by magnitude, and the share of visible bugs it catches. */
export function comparisonTable(results: Results): Table {
  const entries = Object.entries(results.equations)
  const asked = drawnResults(results)
  return {
    headings: [
      'comparison',
      'false alarms',
      '× 1',
      '× 30',
      '× 0.01',
      ...CLASSES.map((of) => `${of} caught`),
      'subtle, × 30',
      'subtle, × 0.01',
    ],
    rows: heard(results).map((detector) =>
      [nameOf(detector), percent(falseAlarms(asked, detector))].concat(
        ['1', '30', '0.01'].map((magnitude) => percent(falseAlarms(asked, detector, magnitude))),
        CLASSES.map((of) => percent(kills(entries, detector, of))),
        ['30', '0.01'].map((magnitude) => percent(kills(entries, detector, 'subtle', { group: magnitude }))),
      ),
    ),
  }
}
