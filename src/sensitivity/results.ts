import { createHash } from 'node:crypto'
import { comparators } from './comparators/index.ts'
import { mutants } from './mutants/index.ts'
import { variants } from './legal/variants.ts'
import { EXPOSURES } from './play.ts'
import { VISIBLE, type LegalRun, type MutantRun, type Said, type Trial } from './trial.ts'

/** Who says red or green: Touchstone at its two exposures, without and with directions, then the others, who see the outputs. */
export const OWN_DETECTORS: readonly string[] = [
  ...EXPOSURES,
  ...EXPOSURES.map((exposure) => `${exposure}, directions`),
]

export const DETECTORS: readonly string[] = [...OWN_DETECTORS, ...comparators.map(({ id }) => id)]

/** Whether a detector sees the intermediates too. */
export function seesAll(detector: string): boolean {
  return detector.startsWith('intermediates')
}

/** Counts by detector, in the order of {@link DETECTORS}. */
export type Counts = readonly number[]

/** Honest runs at one magnitude. */
export interface LegalTally {
  readonly runs: number
  /** Runs whose tensors no other runtime gave on that question. */
  readonly distinct: number
  /** Distinct runs on which a detector says anything. */
  readonly said: Counts
  readonly alarms: Counts
}

/** Runs of one honest runtime over all questions, those that others gave the same tensors for included. */
export interface VariantTally {
  readonly said: Counts
  readonly alarms: Counts
}

/** Runs of one mutant at one magnitude. */
export interface MutantTally {
  readonly runs: number
  /** Runs in which its signal-to-noise is at least 6, in what that detector sees. */
  readonly visible: Counts
  /** Of these, those called red. */
  readonly caught: Counts
}

export interface MutantResult {
  readonly magnitudes: Readonly<Record<string, MutantTally>>
  /** The largest signal-to-noise met: outputs, intermediates. */
  readonly loudest: readonly [number, number]
  /** A few runs that were visible and went through: `90003 outputs 41`. */
  readonly missed: readonly string[]
}

export interface EquationResult {
  /** Seeds `from` to `from + count − 1`. */
  readonly from: number
  readonly count: number
  readonly legal: Readonly<Record<string, LegalTally>>
  readonly variants: Readonly<Record<string, VariantTally>>
  /** Every false alarm of Touchstone: `90003 flash-4 outputs: …`. */
  readonly alarms: readonly string[]
  readonly mutants: Readonly<Record<string, MutantResult>>
  /** Touchstone's catch by loudness, under `CLASS DETECTOR`: visible and caught in each band of {@link BANDS}. */
  readonly bands: Readonly<Record<string, readonly Rate[]>>
}

/** A share, and what it is a share of. */
export interface Rate {
  readonly hits: number
  readonly of: number
}

/** What is stored: resumed from, and what the page is made of. */
export interface Results {
  readonly catalogue: string
  readonly judge: string
  readonly seconds: number
  readonly equations: Readonly<Record<string, EquationResult>>
  /** Honest runs at the size of a model, by equation. */
  readonly atSize: Readonly<Record<string, SizeResult>>
  readonly sweeps: Readonly<Record<string, SweepResult>>
}

/** Honest runs on one question. */
export interface SizeResult extends LegalTally {
  readonly seed: number
  /** Every false alarm of Touchstone. */
  readonly complaints: readonly string[]
}

/** By sweep and detector, the least size caught on each of a few seeds, as a power of two; null where none was. */
export type SweepResult = Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>

/** Where bands of signal-to-noise begin. */
export const BANDS: readonly number[] = [VISIBLE, 14, 30, 100]

const MISSED_KEPT = 3

/** What results depend on: every variant, every mutant with its class and equations, every comparator. */
export const catalogueDigest: string = createHash('sha256')
  .update(
    JSON.stringify([
      variants.map(({ id, about }) => [id, about]),
      mutants.map(({ id, class: of, equations, about }) => [id, of, equations, about]),
      comparators.map(({ id, about }) => [id, about]),
    ]),
  )
  .digest('hex')
  .slice(0, 16)

export function emptyResults(judge: string): Results {
  return { catalogue: catalogueDigest, judge, seconds: 0, equations: {}, atSize: {}, sweeps: {} }
}

const zeros = (): number[] => DETECTORS.map(() => 0)

/** Whether each detector says red; undefined where it says nothing. */
export function reds({ touchstone, directed, others }: Said): (boolean | undefined)[] {
  const own = [touchstone, directed]
    .flatMap((said) => [said?.outputs, said?.intermediates])
    .map((colour) => (colour === undefined || colour === 'not judged' ? undefined : colour === 'red'))
  return [...own, ...comparators.map(({ id }) => others[id])]
}

const plus = (counts: Counts, which: readonly boolean[]): number[] =>
  counts.map((count, i) => count + Number(which[i]))

/** The results with one more trial in them; trials of an equation come in the order of their seeds. */
export function withTrial(
  before: EquationResult | undefined,
  { seed, magnitude, legal, mutants: runs }: Trial,
): EquationResult {
  const key = String(magnitude)
  const found = before ?? {
    from: seed,
    count: 0,
    legal: {},
    variants: {},
    alarms: [],
    mutants: {},
    bands: {},
  }
  return {
    from: found.from,
    count: found.count + 1,
    legal: { ...found.legal, [key]: withLegal(found.legal[key], legal) },
    variants: {
      ...found.variants,
      ...Object.fromEntries(legal.map((run) => [run.variant, withVariant(found.variants[run.variant], run)])),
    },
    alarms: [...found.alarms, ...legal.flatMap((run) => alarmsOf(seed, run))],
    mutants: {
      ...found.mutants,
      ...Object.fromEntries(
        runs.map((run) => [run.mutant, withMutant(found.mutants[run.mutant], key, seed, run)]),
      ),
    },
    bands: runs.reduce(withBands, found.bands),
  }
}

/** What is kept of honest runs at the size of a model. */
export function sizeResult(seed: number, runs: readonly LegalRun[]): SizeResult {
  return {
    ...withLegal(undefined, runs),
    seed,
    complaints: runs.flatMap((run) => alarmsOf(seed, run)),
  }
}

function withBands(before: EquationResult['bands'], run: MutantRun): EquationResult['bands'] {
  const of = mutants.find(({ id }) => id === run.mutant)?.class ?? 'gross'
  const after: Record<string, readonly Rate[]> = { ...before }
  const red = reds(run)
  for (const [at, detector] of OWN_DETECTORS.entries()) {
    const signal = run.signal[seesAll(detector) ? 'intermediates' : 'outputs']
    const band = BANDS.findLastIndex((from) => signal >= from)
    if (band < 0 || (red[at] === undefined && at >= EXPOSURES.length)) continue
    const key = `${of} ${detector}`
    const rates = after[key] ?? BANDS.map(() => ({ hits: 0, of: 0 }))
    const caught = Number(red[at] === true)
    after[key] = rates.with(band, { hits: rates[band].hits + caught, of: rates[band].of + 1 })
  }
  return after
}

function alarmsOf(seed: number, { variant, sameAs, complaint }: LegalRun): string[] {
  return sameAs === undefined && complaint !== undefined ? [`${seed} ${variant} ${complaint}`] : []
}

function withVariant(before: VariantTally | undefined, run: LegalRun): VariantTally {
  const { said, alarms } = before ?? { said: zeros(), alarms: zeros() }
  const red = reds(run)
  return {
    said: plus(
      said,
      red.map((colour) => colour !== undefined),
    ),
    alarms: plus(
      alarms,
      red.map((colour) => colour === true),
    ),
  }
}

function withLegal(before: LegalTally | undefined, runs: readonly LegalRun[]): LegalTally {
  let { runs: n, distinct, said, alarms } = before ?? { runs: 0, distinct: 0, said: zeros(), alarms: zeros() }
  for (const run of runs) {
    n++
    if (run.sameAs !== undefined) continue
    distinct++
    const red = reds(run)
    said = plus(
      said,
      red.map((colour) => colour !== undefined),
    )
    alarms = plus(
      alarms,
      red.map((colour) => colour === true),
    )
  }
  return { runs: n, distinct, said, alarms }
}

function withMutant(
  before: MutantResult | undefined,
  key: string,
  seed: number,
  run: MutantRun,
): MutantResult {
  const { magnitudes, loudest, missed } = before ?? { magnitudes: {}, loudest: [0, 0], missed: [] }
  const tally = magnitudes[key] ?? { runs: 0, visible: zeros(), caught: zeros() }
  const { outputs, intermediates } = run.signal
  const red = reds(run)
  const visible = DETECTORS.map((detector, i) => {
    const seen = seesAll(detector) ? Math.max(outputs, intermediates) : outputs
    // Touchstone not judging what is visible is a miss
    return seen >= VISIBLE && (i < EXPOSURES.length || red[i] !== undefined)
  })
  const caught = visible.map((loud, i) => loud && red[i] === true)
  const passed = (['outputs', 'intermediates'] as const).flatMap((exposure, i) =>
    visible[i] && !caught[i] ? [`${seed} ${exposure} ${run.signal[exposure].toPrecision(3)}`] : [],
  )
  return {
    magnitudes: {
      ...magnitudes,
      [key]: {
        runs: tally.runs + 1,
        visible: plus(tally.visible, visible),
        caught: plus(tally.caught, caught),
      },
    },
    loudest: [Math.max(loudest[0], finite(outputs)), Math.max(loudest[1], finite(intermediates))],
    missed: [...missed, ...passed].slice(0, MISSED_KEPT),
  }
}

/** JSON knows no infinity. */
const finite = (x: number): number => (x < Number.MAX_VALUE ? Number(x.toPrecision(3)) : Number.MAX_VALUE)
