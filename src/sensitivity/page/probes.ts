import { probes as everyProbe } from '../../catalogue/probes/index.ts'
import { undisputed } from '../legal/variants.ts'
import { CLASSES } from '../mutants/index.ts'
import { falseAlarms, kills } from '../rates.ts'
import type { Results } from '../results.ts'
import { heard, nameOf } from './detectors.ts'
import { CAUGHT_BY_CLASS, caughtByClass } from './equations.ts'
import { share, type Table } from './table.ts'

/** One line per probe, over all equations that it says something of. */
export function probeTable({ probes }: Results): Table {
  const entries = Object.entries(probes)
  const asked = new Set(entries.flatMap(([, { legal }]) => Object.keys(legal)))
  const rows = everyProbe
    .filter(({ name }) => asked.has(name))
    .map(({ name }) => {
      const tallies = entries.flatMap(([, { legal }]) => legal[name] ?? [])
      const alarms = ['outputs', 'intermediates'].map(
        (detector) => falseAlarms(Object.values(probes), detector, name).hits,
      )
      const questions = tallies.reduce((sum, { runs }) => sum + runs, 0) / undisputed.length
      const distinct = tallies.reduce((sum, tally) => sum + tally.distinct, 0)
      return new Array<string>(name).concat(
        [String(questions), String(distinct), alarms.join(' + ')],
        caughtByClass(entries, name),
      )
    })
  return { headings: ['probe', 'questions', 'distinct', 'alarms', ...CAUGHT_BY_CLASS], rows }
}

/** One line per way of comparing: honest runs called wrong on probes, and caught / visible. */
export function probeComparisonTable(results: Results): Table {
  const entries = Object.entries(results.probes)
  return {
    headings: ['comparison', 'called wrong', ...CLASSES.map((of) => `${of} caught`)],
    rows: heard(results).map((detector) =>
      [nameOf(detector), share(falseAlarms(Object.values(results.probes), detector))].concat(
        CLASSES.map((of) => share(kills(entries, detector, of))),
      ),
    ),
  }
}
