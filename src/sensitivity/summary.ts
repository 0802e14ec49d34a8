import { probes as everyProbe } from '../catalogue/probes/index.ts'
import { undisputed, variants } from './legal/variants.ts'
import { mutants, type Class } from './mutants/index.ts'
import { EXPOSURES } from './play.ts'
import { catchByLoudness, falseAlarms, kills, suiteAlarms, suiteKills, type Suite } from './rates.ts'
import {
  BANDS,
  caughtAmong,
  DETECTORS,
  OWN_DETECTORS,
  type EquationResult,
  type Rate,
  type Results,
  type SweepResult,
} from './results.ts'

export const CLASSES: readonly Class[] = ['gross', 'medium', 'subtle']

/** `12 / 40`, or a dash where there was nothing. */
function share({ hits, of }: Rate): string {
  return of === 0 ? '–' : `${hits} / ${of}`
}

/** `99.2 %`; never rounded to 0 or to 100 what is not. */
function percent({ hits, of }: Rate): string {
  if (of === 0) return '–'
  const value = (100 * hits) / of
  if (hits > 0 && value < 0.1) return '< 0.1 %'
  if (hits < of && value > 99.9) return '> 99.9 %'
  return `${value === 0 || value === 100 ? value : value.toFixed(1)} %`
}

/** The largest rate that no event in n runs leaves open, at 95 %: 1 − 0.05^(1/n). */
export function upperBound({ hits, of }: Rate): string {
  if (of === 0 || hits > 0) return ''
  return (1 - 0.05 ** (1 / of)).toExponential(1)
}

const entriesOf = ({ equations }: Results): [string, EquationResult][] => Object.entries(equations)

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

/** One line per equation: honest runs, false alarms, and what was caught of what was visible. */
export function equationRows(results: Results): string[][] {
  const rows = entriesOf(results).map(([id, result]) => {
    const alone = results.honest[id]
    return rowOf(id, [[id, result]], alone === undefined ? [result] : [result, alone])
  })
  return rows.length > 1 ? [...rows, rowOf('all', entriesOf(results), drawnResults(results))] : rows
}

export const EQUATION_HEADINGS: readonly string[] = [
  'equation',
  'honest runs',
  'distinct',
  'alarms',
  ...CLASSES.map((of) => `${of}, outputs`),
  ...CLASSES.map((of) => `${of}, + intermediates`),
]

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

/** caught / visible by class, from outputs and with intermediates. */
function caughtByClass(found: readonly (readonly [string, EquationResult])[], group?: string): string[] {
  return ['outputs', 'intermediates'].flatMap((detector) =>
    CLASSES.map((of) => share(kills(found, detector, of, { group }))),
  )
}

export const DETECTOR_HEADINGS: readonly string[] = [
  'comparison',
  'false alarms',
  '× 1',
  '× 30',
  '× 0.01',
  ...CLASSES.map((of) => `${of} caught`),
  'subtle, × 30',
  'subtle, × 0.01',
]

/** One line per way of comparing: false alarms by magnitude, and the share of visible bugs it catches. */
export function detectorRows(results: Results): string[][] {
  const entries = entriesOf(results)
  const asked = drawnResults(results)
  return heard(results).map((detector) =>
    [nameOf(detector), percent(falseAlarms(asked, detector))].concat(
      ['1', '30', '0.01'].map((magnitude) => percent(falseAlarms(asked, detector, magnitude))),
      CLASSES.map((of) => percent(kills(entries, detector, of))),
      ['30', '0.01'].map((magnitude) => percent(kills(entries, detector, 'subtle', { group: magnitude }))),
    ),
  )
}

export const LOUDNESS_HEADINGS: readonly string[] = [
  'class',
  'seen by',
  ...BANDS.map((from, i) => (i + 1 < BANDS.length ? `${from} to ${BANDS[i + 1]}` : `${from} and more`)),
]

/** What Touchstone catches by signal-to-noise: how loud a bug must be. */
export function loudnessRows(results: Results): string[][] {
  const plain = Object.values(results.equations)
  return CLASSES.flatMap((of) =>
    ownHeard(results).map((detector) =>
      new Array<string>(of, nameOf(detector)).concat(catchByLoudness(plain, of, detector).map(share)),
    ),
  )
}

const OWN_NAMES: Readonly<Record<string, string>> = {
  outputs: 'Touchstone',
  intermediates: 'Touchstone, with intermediates',
  'outputs, directions': 'Touchstone, with directions',
  'intermediates, directions': 'Touchstone, with both',
}

export function nameOf(detector: string): string {
  return OWN_NAMES[detector] ?? detector
}

/** The detectors, less those with directions where the judge tried none. */
export function heard(results: Results): string[] {
  const asked = [...drawnResults(results), ...Object.values(results.probes)]
  const directed = falseAlarms(asked, 'outputs, directions').of > 0
  return DETECTORS.filter((detector) => directed || !detector.endsWith('directions'))
}

export const SIZE_HEADINGS: readonly string[] = ['comparison', 'distinct runs', 'called wrong']

/** One line per way of comparing: honest runs at the size of a model. */
export function sizeRows(results: Results): string[][] {
  const tallies = Object.values(results.atSize)
  return heard(results).map((detector) => {
    const at = DETECTORS.indexOf(detector)
    const [said, alarms] = (['said', 'alarms'] as const).map((what) =>
      tallies.reduce((sum, tally) => sum + tally[what][at], 0),
    )
    return [nameOf(detector), String(said), String(alarms)]
  })
}

export const SUITE_HEADINGS: readonly string[] = [
  'comparison',
  'runtimes called wrong',
  ...CLASSES.map((of) => `${of} caught`),
]

/** One line per way of comparing: all questions of an equation and its probes taken as one suite, red where one of them is. */
export function suiteRows(results: Results): string[][] {
  const suites = suitesOf(results)
  return heard(results).map((detector) =>
    [nameOf(detector), share(suiteAlarms(suites, detector))].concat(
      CLASSES.map((of) => share(suiteKills(suites, detector, of))),
    ),
  )
}

/** What all runtimes and bugs were asked of each equation. */
export function suitesOf({ equations, probes }: Pick<Results, 'equations' | 'probes'>): Suite[] {
  const ids = new Set([equations, probes].flatMap((part) => Object.keys(part)))
  return [...ids].map((id) => [id, [equations[id], probes[id]].filter((part) => part !== undefined)])
}

export const IMITATED_HEADINGS: readonly string[] = ['seen', ...CLASSES]

/** One line per exposure: imitated / visible, by class. */
export function imitatedRows(results: Results): string[][] {
  const entries = entriesOf(results)
  return EXPOSURES.map((exposure) =>
    new Array<string>(exposure).concat(
      CLASSES.map((of) => {
        const [visible, told] = (['visible', 'told'] as const).map(
          (among) => kills(entries, exposure, of, { among }).of,
        )
        return share({ hits: visible - told, of: visible })
      }),
    ),
  )
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

export const TOLD_HEADINGS: readonly string[] = [
  'comparison',
  ...CLASSES.map((of) => `${of} caught`),
  ...CLASSES.map((of) => `${of}, as a suite`),
]

/** One line per way of comparing: of the bugs that no legal runtime imitates, what it catches run by run and as a suite. */
export function toldRows(results: Results): string[][] {
  const entries = entriesOf(results)
  const suites = suitesOf(results)
  return heard(results).map((detector) =>
    [nameOf(detector)].concat(
      CLASSES.map((of) => percent(kills(entries, detector, of, { among: 'told' }))),
      CLASSES.map((of) => share(suiteKills(suites, detector, of, 'told'))),
    ),
  )
}

export const PROBE_HEADINGS: readonly string[] = ['probe', 'questions', ...EQUATION_HEADINGS.slice(2)]

/** One line per probe, over all equations that it says something of. */
export function probeRows({ probes }: Results): string[][] {
  const entries = Object.entries(probes)
  const asked = new Set(entries.flatMap(([, { legal }]) => Object.keys(legal)))
  return everyProbe
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
}

export const PROBE_DETECTOR_HEADINGS: readonly string[] = [
  'comparison',
  'called wrong',
  ...CLASSES.map((of) => `${of} caught`),
]

/** One line per way of comparing: honest runs called wrong on probes, and caught / visible. */
export function probeDetectorRows(results: Results): string[][] {
  const entries = Object.entries(results.probes)
  return heard(results).map((detector) =>
    [nameOf(detector), share(falseAlarms(Object.values(results.probes), detector))].concat(
      CLASSES.map((of) => share(kills(entries, detector, of))),
    ),
  )
}

/** The detectors of Touchstone that were heard. */
function ownHeard(results: Results): string[] {
  return heard(results).filter((detector) => OWN_DETECTORS.includes(detector))
}

export function disputedHeadings(results: Results): string[] {
  return ['runtime', 'questions', ...ownHeard(results).map(nameOf)]
}

/** One line per disputed runtime: on how many questions it is called wrong. */
export function disputedRows(results: Results): string[][] {
  const parts = [...drawnResults(results), ...Object.values(results.probes)]
  return variants
    .filter(({ disputed }) => disputed !== undefined)
    .map(({ id }) => {
      const tallies = parts.flatMap(({ variants: own }) => own[id] ?? [])
      const sum = (what: 'said' | 'alarms', detector: string): number =>
        tallies.reduce((total, tally) => total + tally[what][DETECTORS.indexOf(detector)], 0)
      return [id, String(sum('said', 'outputs'))].concat(
        ownHeard(results).map((detector) => String(sum('alarms', detector))),
      )
    })
}

/** The median of the least sizes caught; a size never caught is larger than any. */
function medianSize(least: readonly (number | null)[]): string {
  const sorted = least.toSorted((a, b) => (b ?? 0) - (a ?? 0))
  const middle = sorted[Math.floor(sorted.length / 2)] ?? null
  return middle === null ? 'none' : `2^−${middle}`
}

/** One line per equation and sweep: the least size that each detector catches, in the median. */
export function sweepRows(
  sweeps: Readonly<Record<string, SweepResult>>,
  detectors: readonly string[],
): string[][] {
  return Object.entries(sweeps).flatMap(([id, found]) =>
    Object.entries(found).map(([sweep, byDetector]) =>
      [id, sweep].concat(detectors.map((detector) => medianSize(byDetector[detector] ?? []))),
    ),
  )
}

/** Every false alarm of Touchstone, with its equation. */
export function allAlarms({ equations, honest, probes, atSize }: Results): string[] {
  const trials = [equations, honest, probes].flatMap((part) =>
    Object.entries(part).map(([id, { alarms }]) => [id, alarms] as const),
  )
  const sizes = Object.entries(atSize).map(([id, { complaints }]) => [`${id} at size`, complaints] as const)
  return [...trials, ...sizes].flatMap(([id, own]) => own.map((alarm) => `${id} ${alarm}`))
}
