import { createHash } from 'node:crypto'
import { probes } from '../catalogue/probes/index.ts'
import { comparators } from './comparators/index.ts'
import { mutants } from './mutants/index.ts'
import { variants } from './legal/variants.ts'
import type { Nearness } from './nearness.ts'
import { EXPOSURES } from './play.ts'
import { VISIBLE } from './trial.ts'

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

/** Honest runs of one group of questions: drawn at one magnitude, or of one probe. Disputed runtimes are not among them. */
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

/** Runs of one mutant on one group of questions. */
export interface MutantTally {
  /** Runs in which its signal-to-noise is at least 6, in what that detector sees. */
  readonly visible: Counts
  /** Of these, those called red. */
  readonly caught: Counts
  /** Runs that are visible and that no legal runtime imitates: its distance from the nearest is at least 6 too. */
  readonly told: Counts
  readonly toldCaught: Counts
}

/** What of a bug is to be caught: where it is visible, or only where no legal runtime could be taken for it. */
export type Among = 'visible' | 'told'

/** How many runs of a mutant there were, and how many of them a detector caught. */
export function caughtAmong(tally: MutantTally, among: Among, detector: string): Rate {
  const at = DETECTORS.indexOf(detector)
  return { hits: tally[among === 'told' ? 'toldCaught' : 'caught'][at], of: tally[among][at] }
}

/** All runs of one mutant on the questions of an equation. */
export interface MutantResult {
  /** By magnitude of drawn questions, or by probe. */
  readonly groups: Readonly<Record<string, MutantTally>>
  /** The largest signal-to-noise met: outputs, intermediates. */
  readonly loudest: readonly [number, number]
  /** A few runs that were visible and went through: `90003 outputs 41`, where imitated `90003 outputs 9, imitated`. */
  readonly missed: readonly string[]
  /** A few that went through with directions too. */
  readonly missedDirected: readonly string[]
}

/** All runs on the questions of one equation: drawn ones, or those of probes. */
export interface EquationResult {
  /** The first seed, and how many questions: seeds `from` to `from + count − 1`; of probes each of them on every seed, seed after seed. */
  readonly from: number
  readonly count: number
  /** By magnitude of drawn questions, or by probe. */
  readonly legal: Readonly<Record<string, LegalTally>>
  readonly variants: Readonly<Record<string, VariantTally>>
  /** Every false alarm of Touchstone: `90003 flash-4 outputs: …`. */
  readonly alarms: readonly string[]
  /** The honest runs that came nearest to being called wrong. */
  readonly nearest: Nearness
  readonly mutants: Readonly<Record<string, MutantResult>>
  /** Touchstone's catch by loudness, under `CLASS DETECTOR`: visible and caught in each band of {@link BANDS}. */
  readonly bands: Readonly<Record<string, readonly Rate[]>>
}

/** A share, and what it is a share of. */
export interface Rate {
  readonly hits: number
  readonly of: number
}

/** Of what is stored; another one cannot be read. */
export const FORMAT = 4

/** What is stored: resumed from, and what the page is made of. */
export interface Results {
  readonly format: number
  readonly catalogue: string
  readonly judge: string
  readonly seconds: number
  /** On drawn questions, by equation. */
  readonly equations: Readonly<Record<string, EquationResult>>
  /** On the drawn questions after those, honest runtimes alone. */
  readonly honest: Readonly<Record<string, EquationResult>>
  /** On the questions of probes. */
  readonly probes: Readonly<Record<string, EquationResult>>
  /** Honest runs at the size of a model, by equation. */
  readonly atSize: Readonly<Record<string, SizeResult>>
  readonly sweeps: Readonly<Record<string, SweepResult>>
}

/** Honest runs on one question. */
export interface SizeResult extends LegalTally {
  readonly seed: number
  /** Every false alarm of Touchstone. */
  readonly complaints: readonly string[]
  readonly nearest: Nearness
}

/** By sweep and detector, the least size caught on each of a few seeds, as a power of two; null where none was. */
export type SweepResult = Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>

/** Where bands of signal-to-noise begin. */
export const BANDS: readonly number[] = [VISIBLE, 14, 30, 100]

/** What results depend on: every variant, every mutant with its class and equations, every comparator and every probe. */
export const catalogueDigest: string = createHash('sha256')
  .update(
    JSON.stringify([
      variants.map(({ id, about, disputed }) => [id, about, disputed]),
      mutants.map(({ id, class: of, equations, about }) => [id, of, equations, about]),
      comparators.map(({ id, about }) => [id, about]),
      probes.map(({ name, about }) => [name, about]),
    ]),
  )
  .digest('hex')
  .slice(0, 16)

/** Results of a judge, by its name, before anything is run. */
export function emptyResults(judge: string): Results {
  return {
    format: FORMAT,
    catalogue: catalogueDigest,
    judge,
    seconds: 0,
    equations: {},
    honest: {},
    probes: {},
    atSize: {},
    sweeps: {},
  }
}
