import { CLASSES, mutants } from '../mutants/index.ts'
import { EXPOSURES } from '../play.ts'
import { kills, suiteKills } from '../rates.ts'
import { caughtAmong, type Results } from '../results.ts'
import { suitesOf } from '../totals.ts'
import { heard, nameOf } from './detectors.ts'
import { percent, share, type Table } from './table.ts'

/** One line per exposure: imitated / visible, by class. */
export function imitatedTable({ equations }: Results): Table {
  const entries = Object.entries(equations)
  return {
    headings: ['seen', ...CLASSES],
    rows: EXPOSURES.map((exposure) =>
      new Array<string>(exposure).concat(
        CLASSES.map((of) => {
          const [visible, told] = (['visible', 'told'] as const).map(
            (among) => kills(entries, exposure, of, { among }).of,
          )
          return share({ hits: visible - told, of: visible })
        }),
      ),
    ),
  }
}

/** Bugs that a legal runtime imitates in the outputs of some question, those it does so most often first: imitated / visible. */
export function imitatedBugs({ equations }: Results): string[] {
  return mutants
    .map(({ id }) => {
      const tallies = Object.values(equations).flatMap((found) =>
        Object.values(found.mutants[id]?.groups ?? {}),
      )
      const [visible, told] = (['visible', 'told'] as const).map((among) =>
        tallies.reduce((sum, tally) => sum + caughtAmong(tally, among, 'outputs').of, 0),
      )
      return { id, hits: visible - told, of: visible }
    })
    .filter(({ hits }) => hits > 0)
    .toSorted((a, b) => b.hits - a.hits)
    .map(({ id, ...rate }) => `${id} ${share(rate)}`)
}

/** One line per way of comparing: of the bugs that no legal runtime imitates, what it catches run by run and as a suite. */
export function toldTable(results: Results): Table {
  const entries = Object.entries(results.equations)
  const suites = suitesOf(results)
  return {
    headings: [
      'comparison',
      ...CLASSES.map((of) => `${of} caught`),
      ...CLASSES.map((of) => `${of}, as a suite`),
    ],
    rows: heard(results).map((detector) =>
      [nameOf(detector)].concat(
        CLASSES.map((of) => percent(kills(entries, detector, of, { among: 'told' }))),
        CLASSES.map((of) => share(suiteKills(suites, detector, of, 'told'))),
      ),
    ),
  }
}
