import { CLASSES } from '../mutants/index.ts'
import { falseAlarms, kills } from '../rates.ts'
import type { EquationResult, Results } from '../results.ts'
import { drawnResults } from '../totals.ts'
import { share, type Table } from './table.ts'

/** The columns of {@link caughtByClass}. */
export const CAUGHT_BY_CLASS: readonly string[] = [
  ...CLASSES.map((of) => `${of}, outputs`),
  ...CLASSES.map((of) => `${of}, + intermediates`),
]

/** caught / visible by class, from outputs and with intermediates; of one magnitude or probe where that is given. */
export function caughtByClass(
  found: readonly (readonly [string, EquationResult])[],
  group?: string,
): string[] {
  return ['outputs', 'intermediates'].flatMap((detector) =>
    CLASSES.map((of) => share(kills(found, detector, of, { group }))),
  )
}

/** One line per equation: honest runs, false alarms, and what was caught of what was visible. */
export function equationTable(results: Results): Table {
  const entries = Object.entries(results.equations)
  const rows = entries.map(([id, result]) => {
    const alone = results.honest[id]
    return rowOf(id, [[id, result]], alone === undefined ? [result] : [result, alone])
  })
  return {
    headings: ['equation', 'honest runs', 'distinct', 'alarms', ...CAUGHT_BY_CLASS],
    rows: rows.length > 1 ? [...rows, rowOf('all', entries, drawnResults(results))] : rows,
  }
}

function rowOf(
  label: string,
  found: readonly (readonly [string, EquationResult])[],
  asked: readonly EquationResult[],
): string[] {
  const tallies = asked.flatMap(({ legal }) => Object.values(legal))
  const alarms = ['outputs', 'intermediates'].map((detector) => falseAlarms(asked, detector).hits)
  return [
    label,
    String(tallies.reduce((sum, { runs }) => sum + runs, 0)),
    String(tallies.reduce((sum, { distinct }) => sum + distinct, 0)),
    alarms.join(' + '),
    ...caughtByClass(found),
  ]
}
