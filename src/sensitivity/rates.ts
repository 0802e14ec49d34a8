import { undisputed } from './legal/variants.ts'
import { mutants, type Class } from './mutants/index.ts'
import type { Exposure } from './play.ts'
import {
  BANDS,
  caughtAmong,
  DETECTORS,
  seesAll,
  type Among,
  type EquationResult,
  type Rate,
} from './results.ts'
import { VISIBLE } from './trial.ts'

const sumRates = (rates: readonly Rate[]): Rate => ({
  hits: rates.reduce((sum, { hits }) => sum + hits, 0),
  of: rates.reduce((sum, { of }) => sum + of, 0),
})

/** Results of one equation that are counted together: its drawn questions, and those of probes. */
export type Suite = readonly [equation: string, results: readonly EquationResult[]]

/** False alarms of a detector, over distinct honest runs; of one magnitude or probe where that is given. */
export function falseAlarms(
  results: readonly Pick<EquationResult, 'legal'>[],
  detector: string,
  group?: string,
): Rate {
  const at = DETECTORS.indexOf(detector)
  return sumRates(
    results.flatMap(({ legal }) =>
      Object.entries(legal)
        .filter(([key]) => group === undefined || key === group)
        .map(([, { alarms, said }]) => ({ hits: alarms[at], of: said[at] })),
    ),
  )
}

/** Runs in which a mutant of the class was visible, or told from all that is legal, and of these those that the detector caught. */
export function kills(
  results: readonly (readonly [equation: string, EquationResult])[],
  detector: string,
  of: Class,
  { group, among = 'visible' }: { readonly group?: string | undefined; readonly among?: Among } = {},
): Rate {
  return sumRates(
    results.flatMap(([equation, result]) =>
      mutants
        .filter((mutant) => mutant.class === of && isKillable(mutant.id, equation, detector))
        .flatMap(({ id }) => Object.entries(result.mutants[id]?.groups ?? {}))
        .filter(([key]) => group === undefined || key === group)
        .map(([, tally]) => caughtAmong(tally, among, detector)),
    ),
  )
}

/** Honest runtimes that a detector called wrong on at least one question of an equation, of all runtimes on all equations. */
export function suiteAlarms(suites: readonly Suite[], detector: string): Rate {
  const at = DETECTORS.indexOf(detector)
  return anyOf(
    suites.flatMap(([, results]) =>
      undisputed.map(({ id }) =>
        results.flatMap(({ variants }) => {
          const { said, alarms } = variants[id] ?? {}
          return said === undefined || alarms === undefined ? [] : [{ hits: alarms[at], of: said[at] }]
        }),
      ),
    ),
  )
}

/**
 * Bugs of the class that were visible, or told, on at least one question of an equation, and of these those that the
 * detector caught on one.
 */
export function suiteKills(
  suites: readonly Suite[],
  detector: string,
  of: Class,
  among: Among = 'visible',
): Rate {
  return anyOf(
    suites.flatMap(([equation, results]) =>
      mutants
        .filter((mutant) => mutant.class === of && isKillable(mutant.id, equation, detector))
        .map(({ id }) =>
          results
            .flatMap((result) => Object.values(result.mutants[id]?.groups ?? {}))
            .map((tally) => caughtAmong(tally, among, detector)),
        ),
    ),
  )
}

/** Of what was seen at all, what was hit at least once. */
function anyOf(all: readonly (readonly Rate[])[]): Rate {
  const seen = all.map(sumRates).filter((rate) => rate.of > 0)
  return { hits: seen.filter(({ hits }) => hits > 0).length, of: seen.length }
}

/** Whether a mutant is to be caught there: not where it is proved equivalent. */
function isKillable(id: string, equation: string, detector: string): boolean {
  const mutant = mutants.find((each) => each.id === id)
  return seesAll(detector) || mutant?.equivalent?.[equation] === undefined
}

/** The largest signal-to-noise that a mutant of an equation reached on any question: outputs, intermediates. */
export function loudest(results: readonly EquationResult[], mutant: string): readonly [number, number] {
  const found = results.flatMap(({ mutants: own }) =>
    own[mutant] === undefined ? [] : [own[mutant].loudest],
  )
  return [
    Math.max(0, ...found.map(([outputs]) => outputs)),
    Math.max(0, ...found.map(([, intermediates]) => intermediates)),
  ]
}

/** Mutants of an equation whose signal never reached 6 in what is shown. */
export function invisible(results: readonly EquationResult[], exposure: Exposure): string[] {
  const asked = new Set(results.flatMap(({ mutants: own }) => Object.keys(own)))
  return [...asked].filter((id) => {
    const [outputs, intermediates] = loudest(results, id)
    return (exposure === 'outputs' ? outputs : Math.max(outputs, intermediates)) < VISIBLE
  })
}

/** Touchstone's catch by loudness, over equations. */
export function catchByLoudness(
  results: readonly EquationResult[],
  of: Class,
  detector: string,
): readonly Rate[] {
  return BANDS.map((_, band) =>
    sumRates(
      results.flatMap(({ bands }) => {
        const rate = bands[`${of} ${detector}`]?.[band]
        return rate === undefined ? [] : [rate]
      }),
    ),
  )
}
