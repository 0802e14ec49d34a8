import { mutants, type Class } from './mutants/index.ts'
import { BANDS, DETECTORS, seesAll, type EquationResult, type Rate } from './results.ts'
import { VISIBLE } from './trial.ts'

const sumRates = (rates: readonly Rate[]): Rate => ({
  hits: rates.reduce((sum, { hits }) => sum + hits, 0),
  of: rates.reduce((sum, { of }) => sum + of, 0),
})

/** False alarms of a detector, over distinct honest runs. */
export function falseAlarms(results: readonly EquationResult[], detector: string, magnitude?: number): Rate {
  const at = DETECTORS.indexOf(detector)
  return sumRates(
    results.flatMap(({ legal }) =>
      Object.entries(legal)
        .filter(([key]) => magnitude === undefined || key === String(magnitude))
        .map(([, { alarms, said }]) => ({ hits: alarms[at], of: said[at] })),
    ),
  )
}

/** Runs in which a mutant of the class was visible, and of these those that the detector caught. */
export function kills(
  results: readonly (readonly [equation: string, EquationResult])[],
  detector: string,
  of: Class,
  magnitude?: number,
): Rate {
  const at = DETECTORS.indexOf(detector)
  return sumRates(
    results.flatMap(([equation, result]) =>
      mutants
        .filter((mutant) => mutant.class === of && isKillable(mutant.id, equation, detector))
        .flatMap(({ id }) => Object.entries(result.mutants[id]?.magnitudes ?? {}))
        .filter(([key]) => magnitude === undefined || key === String(magnitude))
        .map(([, { visible, caught }]) => ({ hits: caught[at], of: visible[at] })),
    ),
  )
}

/** Honest runtimes that a detector called wrong on at least one question of an equation, of all runtimes on all equations. */
export function suiteAlarms(results: readonly EquationResult[], detector: string): Rate {
  const at = DETECTORS.indexOf(detector)
  const tallies = results
    .flatMap((result) => Object.values(result.variants))
    .filter(({ said }) => said[at] > 0)
  return { hits: tallies.filter(({ alarms }) => alarms[at] > 0).length, of: tallies.length }
}

/** Bugs of the class that were visible on at least one question of an equation, and of these those that the detector caught on one. */
export function suiteKills(
  results: readonly (readonly [equation: string, EquationResult])[],
  detector: string,
  of: Class,
): Rate {
  const at = DETECTORS.indexOf(detector)
  const sums = results.flatMap(([equation, result]) =>
    mutants
      .filter((mutant) => mutant.class === of && isKillable(mutant.id, equation, detector))
      .map(({ id }) =>
        sumRates(
          Object.values(result.mutants[id]?.magnitudes ?? {}).map(({ visible, caught }) => ({
            hits: caught[at],
            of: visible[at],
          })),
        ),
      ),
  )
  const visible = sums.filter((rate) => rate.of > 0)
  return { hits: visible.filter(({ hits }) => hits > 0).length, of: visible.length }
}

/** Whether a mutant is to be caught there: not where it is proved equivalent. */
function isKillable(id: string, equation: string, detector: string): boolean {
  const mutant = mutants.find((each) => each.id === id)
  return seesAll(detector) || mutant?.equivalent?.[equation] === undefined
}

/** Mutants of an equation whose signal never reached 6 in what is shown. */
export function invisible(result: EquationResult, exposure: 'outputs' | 'intermediates'): string[] {
  return Object.entries(result.mutants)
    .filter(
      ([, { loudest }]) => (exposure === 'outputs' ? loudest[0] : Math.max(loudest[0], loudest[1])) < VISIBLE,
    )
    .map(([id]) => id)
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
