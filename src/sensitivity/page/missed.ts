import { mutants, mutantsOf } from '../mutants/index.ts'
import { EXPOSURES } from '../play.ts'
import { invisible, loudest, type Suite } from '../rates.ts'
import { DETECTORS, OWN_DETECTORS, type EquationResult } from '../results.ts'
import { listed } from './table.ts'

/**
 * Bugs of an equation that no question shows, in its outputs or anywhere, with how loud they were at most; less those proved not to show.
 */
export function invisibleLines(id: string, results: readonly EquationResult[]): string[] {
  const everywhere = invisible(results, 'intermediates')
  const proved = (mutant: string): boolean =>
    mutants.find((each) => each.id === mutant)?.equivalent?.[id] !== undefined
  return invisible(results, 'outputs')
    .filter((mutant) => everywhere.includes(mutant) || !proved(mutant))
    .map((mutant) => {
      const most = loudest(results, mutant)
      const where = everywhere.includes(mutant) ? 'anywhere' : 'in the outputs'
      return `${id} **${mutant}** ${where}: at most ${everywhere.includes(mutant) ? Math.max(...most) : most[0]}`
    })
}

/** Every bug that was missed somewhere, once: where directions miss it too, or where they catch it. */
export function missedSections(suites: readonly Suite[], directed: boolean): string[] {
  const missed = suites.flatMap(([id, found]) =>
    mutantsOf(id).flatMap((mutant) => missedOf(id, mutant.id, found) ?? []),
  )
  const lines = (of: readonly Missed[]): string[] => listed(of.map(({ line }) => line))
  if (!directed) return lines(missed)
  return [
    '### With directions too',
    '',
    'After the arrow what `--directions always` makes of it; the runs are those that it missed too.',
    '',
    ...lines(missed.filter(({ always }) => always)),
    '',
    '### But caught with directions',
    '',
    'By `--directions always`, in all of these runs.',
    '',
    ...lines(missed.filter(({ always }) => !always)),
  ]
}

interface Missed {
  readonly line: string
  /** Whether directions miss it too. */
  readonly always: boolean
}

function missedOf(id: string, mutant: string, results: readonly EquationResult[]): Missed | undefined {
  const own = results.flatMap((result) => result.mutants[mutant] ?? [])
  const [missed, always] = [
    own.flatMap((found) => found.missed),
    own.flatMap(({ missedDirected }) => missedDirected),
  ]
  if (missed.length === 0) return undefined
  const tallies = own.flatMap(({ groups }) => Object.values(groups))
  const sum = (what: 'caught' | 'visible', detector: string): number =>
    tallies.reduce((total, tally) => total + tally[what][DETECTORS.indexOf(detector)], 0)
  const rates = (detectors: readonly string[]): string =>
    detectors.map((detector) => `${sum('caught', detector)} / ${sum('visible', detector)}`).join(', ')
  const plainly = `${id} **${mutant}** ${rates(OWN_DETECTORS.slice(0, EXPOSURES.length))}`
  if (always.length === 0) return { line: `${plainly}: ${missed.join('; ')}`, always: false }
  return {
    line: `${plainly} → ${rates(OWN_DETECTORS.slice(EXPOSURES.length))}: ${always.join('; ')}`,
    always: true,
  }
}
