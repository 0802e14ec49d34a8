import { CLASSES } from '../mutants/index.ts'
import { suiteAlarms, suiteKills } from '../rates.ts'
import type { Results } from '../results.ts'
import { suitesOf } from '../totals.ts'
import { heard, nameOf } from './detectors.ts'
import { share, type Table } from './table.ts'

/** One line per way of comparing: all questions of an equation and its probes taken as one suite, red where one of them is. */
export function suiteTable(results: Results): Table {
  const suites = suitesOf(results)
  return {
    headings: ['comparison', 'runtimes called wrong', ...CLASSES.map((of) => `${of} caught`)],
    rows: heard(results).map((detector) =>
      [nameOf(detector), share(suiteAlarms(suites, detector))].concat(
        CLASSES.map((of) => share(suiteKills(suites, detector, of))),
      ),
    ),
  }
}
