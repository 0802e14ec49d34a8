import type { Suite } from './rates.ts'
import type { EquationResult, Results } from './results.ts'

/** Drawn questions, those that honest runtimes alone were asked among them. */
export function drawnResults({ equations, honest }: Results): EquationResult[] {
  return [equations, honest].flatMap((part) => Object.values(part))
}

/** Distinct honest runs, wherever they were. */
export function distinctRuns(results: Results): { drawn: number; probes: number; atSize: number } {
  const sum = (tallies: readonly { readonly distinct: number }[]): number =>
    tallies.reduce((total, { distinct }) => total + distinct, 0)
  return {
    drawn: sum(drawnResults(results).flatMap(({ legal }) => Object.values(legal))),
    probes: sum(Object.values(results.probes).flatMap(({ legal }) => Object.values(legal))),
    atSize: sum(Object.values(results.atSize)),
  }
}

/** What all runtimes and bugs were asked of each equation. */
export function suitesOf({ equations, probes }: Pick<Results, 'equations' | 'probes'>): Suite[] {
  const ids = new Set([equations, probes].flatMap((part) => Object.keys(part)))
  return [...ids].map((id) => [id, [equations[id], probes[id]].filter((part) => part !== undefined)])
}

/** Every false alarm of Touchstone, with its equation. */
export function allAlarms({ equations, honest, probes, atSize }: Results): string[] {
  const trials = [equations, honest, probes].flatMap((part) =>
    Object.entries(part).map(([id, { alarms }]) => [id, alarms] as const),
  )
  const sizes = Object.entries(atSize).map(([id, { complaints }]) => [`${id} at size`, complaints] as const)
  return [...trials, ...sizes].flatMap(([id, own]) => own.map((alarm) => `${id} ${alarm}`))
}
