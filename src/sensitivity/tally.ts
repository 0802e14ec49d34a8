import { comparators } from './comparators/index.ts'
import { undisputed } from './legal/variants.ts'
import { mutants } from './mutants/index.ts'
import { nearest, nearIn, type Nearness } from './nearness.ts'
import { EXPOSURES, type Exposure } from './play.ts'
import {
  BANDS,
  DETECTORS,
  OWN_DETECTORS,
  seesAll,
  type Counts,
  type EquationResult,
  type LegalTally,
  type MutantResult,
  type Rate,
  type SizeResult,
  type VariantTally,
} from './results.ts'
import type { Said } from './said.ts'
import { VISIBLE, type LegalRun, type MutantRun, type Trial } from './trial.ts'

/** Runs that were visible and went through of which a line is kept. */
const MISSED_KEPT = 3

const NO_RUNS: MutantResult = { groups: {}, loudest: [0, 0], missed: [], missedDirected: [] }

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
  { seed, group, label, legal, mutants: runs }: Trial,
): EquationResult {
  const found = before ?? {
    from: seed,
    count: 0,
    legal: {},
    variants: {},
    alarms: [],
    nearest: {},
    mutants: {},
    bands: {},
  }
  const honest = legal.filter(isUndisputed)
  return {
    from: found.from,
    count: found.count + 1,
    legal: { ...found.legal, [group]: withLegal(found.legal[group], honest) },
    variants: {
      ...found.variants,
      ...Object.fromEntries(legal.map((run) => [run.variant, withVariant(found.variants[run.variant], run)])),
    },
    alarms: [...found.alarms, ...honest.flatMap((run) => alarmsOf(label, run))],
    nearest: nearest([found.nearest, ...nearnessIn(label, honest)]),
    mutants: {
      ...found.mutants,
      ...Object.fromEntries(
        runs.map((run) => [run.mutant, withMutant(found.mutants[run.mutant], group, label, run)]),
      ),
    },
    bands: runs.reduce(withBands, found.bands),
  }
}

function isUndisputed(run: LegalRun): boolean {
  return undisputed.some(({ id }) => id === run.variant)
}

function nearnessIn(label: string, runs: readonly LegalRun[]): Nearness[] {
  return runs
    .filter(({ sameAs }) => sameAs === undefined)
    .map(({ variant, near }) => nearIn(`${label} ${variant}`, near))
}

/** What is kept of honest runs at the size of a model. */
export function sizeResult(seed: number, all: readonly LegalRun[]): SizeResult {
  const runs = all.filter(isUndisputed)
  return {
    ...withLegal(undefined, runs),
    seed,
    complaints: runs.flatMap((run) => alarmsOf(String(seed), run)),
    nearest: nearest(nearnessIn(`at size ${seed}`, runs)),
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

function alarmsOf(label: string, { variant, sameAs, complaint }: LegalRun): string[] {
  return sameAs === undefined && complaint !== undefined ? [`${label} ${variant} ${complaint}`] : []
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
  group: string,
  label: string,
  run: MutantRun,
): MutantResult {
  const { groups, loudest, missed, missedDirected } = before ?? NO_RUNS
  const tally = groups[group] ?? { visible: zeros(), caught: zeros(), told: zeros(), toldCaught: zeros() }
  const { outputs, intermediates } = run.signal
  const red = reds(run)
  const visible = DETECTORS.map((detector, i) => {
    const seen = seesAll(detector) ? Math.max(outputs, intermediates) : outputs
    // Touchstone not judging what is visible is a miss
    return seen >= VISIBLE && (i < EXPOSURES.length || red[i] !== undefined)
  })
  const caught = visible.map((loud, i) => loud && red[i] === true)
  const isTold = (exposure: Exposure): boolean => run.beyond[exposure] >= VISIBLE
  const told = visible.map(
    (loud, i) => loud && (isTold('outputs') || (seesAll(DETECTORS[i]) && isTold('intermediates'))),
  )
  const passed = EXPOSURES.map((exposure) => {
    const loud = `${label} ${exposure} ${run.signal[exposure].toPrecision(3)}`
    return isTold(exposure) ? loud : `${loud}, imitated`
  })
  /** What went through of the detectors from `first` on, one for each exposure. */
  const through = (first: number): string[] =>
    passed.filter((_, i) => visible[first + i] && !caught[first + i])
  return {
    groups: {
      ...groups,
      [group]: {
        visible: plus(tally.visible, visible),
        caught: plus(tally.caught, caught),
        told: plus(tally.told, told),
        toldCaught: plus(
          tally.toldCaught,
          told.map((is, i) => is && caught[i]),
        ),
      },
    },
    loudest: [Math.max(loudest[0], finite(outputs)), Math.max(loudest[1], finite(intermediates))],
    missed: [...missed, ...through(0)].slice(0, MISSED_KEPT),
    missedDirected: [...missedDirected, ...through(EXPOSURES.length)].slice(0, MISSED_KEPT),
  }
}

/** JSON knows no infinity. */
const finite = (x: number): number => (x < Number.MAX_VALUE ? Number(x.toPrecision(3)) : Number.MAX_VALUE)
