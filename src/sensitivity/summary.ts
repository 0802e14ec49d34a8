import type { Class } from './mutants/index.ts'
import { catchByLoudness, falseAlarms, kills, suiteAlarms, suiteKills } from './rates.ts'
import {
  BANDS,
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

/** One line per equation: honest runs, false alarms, and what was caught of what was visible. */
export function equationRows(results: Results): string[][] {
  const rows = entriesOf(results).map(([id, result]) => rowOf(id, [[id, result]]))
  return rows.length > 1 ? [...rows, rowOf('all', entriesOf(results))] : rows
}

export const EQUATION_HEADINGS: readonly string[] = [
  'equation',
  'honest runs',
  'distinct',
  'alarms',
  ...CLASSES.map((of) => `${of}, outputs`),
  ...CLASSES.map((of) => `${of}, + intermediates`),
]

function rowOf(label: string, found: readonly (readonly [string, EquationResult])[]): string[] {
  const tallies = found.flatMap(([, { legal }]) => Object.values(legal))
  const plain = found.map(([, result]) => result)
  const alarms = ['outputs', 'intermediates'].map((detector) => falseAlarms(plain, detector).hits)
  return [
    label,
    String(tallies.reduce((sum, { runs }) => sum + runs, 0)),
    String(tallies.reduce((sum, { distinct }) => sum + distinct, 0)),
    alarms.join(' + '),
    ...['outputs', 'intermediates'].flatMap((detector) =>
      CLASSES.map((of) => share(kills(found, detector, of))),
    ),
  ]
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
  const plain = entries.map(([, result]) => result)
  return heard(results).map((detector) =>
    [nameOf(detector), percent(falseAlarms(plain, detector))].concat(
      [1, 30, 0.01].map((magnitude) => percent(falseAlarms(plain, detector, magnitude))),
      CLASSES.map((of) => percent(kills(entries, detector, of))),
      [30, 0.01].map((magnitude) => percent(kills(entries, detector, 'subtle', magnitude))),
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
  const own = heard(results).filter((detector) => OWN_DETECTORS.includes(detector))
  return CLASSES.flatMap((of) =>
    own.map((detector) =>
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
export function heard({ equations }: Results): string[] {
  const directed = falseAlarms(Object.values(equations), 'outputs, directions').of > 0
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

/** One line per way of comparing: all questions of an equation taken as one suite, red where one of them is. */
export function suiteRows(results: Results): string[][] {
  const entries = entriesOf(results)
  const plain = entries.map(([, result]) => result)
  return heard(results).map((detector) =>
    [nameOf(detector), share(suiteAlarms(plain, detector))].concat(
      CLASSES.map((of) => share(suiteKills(entries, detector, of))),
    ),
  )
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
