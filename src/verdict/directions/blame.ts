import type { Share } from './clear.ts'
import type { Direction } from './direction.ts'
import { energy, isOne, NOISE, suspicion } from './fit.ts'
import { excessOf, isByChance, isSuspected } from './suspected.ts'
import { tryDirections, type Trial, type Trials, type Trying } from './trials.ts'

/** When directions are tried: never, for what other statistics suspect or a proof fails, or always. */
export type Directions = 'never' | 'on-suspicion' | 'always'

/** What is asked of {@link blame}. */
export interface BlameRequest extends Trying {
  readonly directions: Directions
  /** Whether other statistics suspect the runtime, or a proof fails it. */
  readonly suspected: boolean
  /** Whether to name the directions that cannot be seen from what is exposed; of every direction the noise is drawn then. */
  readonly invisible?: boolean
}

/** A direction that the errors go along. */
export interface DirectionFinding {
  readonly id: string
  readonly says: string
  /** `consistent`: β is 1 within its error and little else is left. `leaning`: coherent along it, but not it, or not it alone. */
  readonly kind: 'consistent' | 'leaning'
  /** Null where the direction is one of exact elements alone. */
  readonly beta: number | null
  readonly standardError: number | null
  /** ‖d‖, the signal-to-noise ratio. */
  readonly snr: number
  /** Share of ‖z‖² that βd explains. */
  readonly explained: number
  /** Exact elements that are off, without and with the bug. */
  readonly mismatches: { readonly before: number; readonly after: number }
  /** Directions that cannot be told from this one here, in order of preference. */
  readonly alike: readonly { readonly id: string; readonly says: string }[]
  /** The shipped profile to judge under if that is meant. */
  readonly profile?: string
  /** What a user reads. */
  readonly sentence: string
}

/** A suspected bug that nothing can see from what is exposed. */
export interface Invisible {
  readonly id: string
  readonly says: string
  readonly snr: number
}

/** What a runtime's errors look like. */
export interface Blame {
  /** The best explanation first. */
  readonly findings: readonly DirectionFinding[]
  /** On request. */
  readonly invisible: readonly Invisible[]
  /** Directions evaluated. */
  readonly tried: number
  /** Draws of noise evaluated: 0 where no direction came near its threshold. */
  readonly drawn: number
  /** Of the directions that noise was drawn for, how near one came to its threshold: |β| in standard errors, beyond what may lean. */
  readonly nearest?: { readonly id: string; readonly value: number; readonly threshold: number }
}

/** ‖d − d′‖ below which nothing can tell two bugs apart, nor a bug from none. */
const APART = 6
/** Findings returned at most. */
const MOST = 8
/** ‖z − d‖² as a share of ‖z‖² that still counts as little left: errors a third of what they were. */
const LITTLE = 0.1
/** Elements in which a direction must live for errors that go along it to say anything: one number goes along everything. */
const FEW = 4
/** Most times that a term is found to be added. */
const TIMES = 16
/** Root mean square of what a bug leaves, and its share of ‖z‖², from which on it is said. */
const [LARGE, NOTICEABLE] = [3, 0.01]

/**
 * Names the bug that a runtime's errors look like. z is held against d = (float64 with one suspected bug − truth)/s for each
 * suspected bug of the equation, on the runtime's own upstream: β = ⟨z,d⟩/⟨d,d⟩, d cleared of what legal functions lean where that would
 * hide the bug (`clear.ts`), its standard error from draws of `noisy64`.
 */
export function blame(request: BlameRequest): Blame {
  const { directions, suspected, invisible = false } = request
  if (directions === 'never' || (directions === 'on-suspicion' && !suspected)) {
    return { findings: [], invisible: [], tried: 0, drawn: 0 }
  }
  const tried = tryDirections(request, invisible)
  const nearest = nearestOf(tried.trials)
  return {
    findings: findingsOf(tried, suspected),
    invisible: invisible ? tried.trials.flatMap(unseen) : [],
    tried: tried.trials.length,
    drawn: tried.drawn,
    ...(nearest === undefined ? {} : { nearest }),
  }
}

function nearestOf(trials: readonly Trial[]): Blame['nearest'] {
  return trials
    .flatMap(({ direction, share }) => {
      if (share === undefined) return []
      const value = excessOf(share, direction)
      return value === 0 ? [] : [{ id: direction.id, value, threshold: suspicion(share.elements) }]
    })
    .toSorted((a, b) => b.value / b.threshold - a.value / a.threshold)
    .at(0)
}

/** A finding with what it is ranked by. */
interface Ranked extends DirectionFinding {
  readonly trial: Trial
  /** How many times the trial's direction it is; negative where something left out is added. */
  readonly whole: number
  /** The share of exact elements that are off and the share of ‖z‖² that it takes away, added. */
  readonly score: number
}

function findingsOf(tried: Trials, suspected: boolean): DirectionFinding[] {
  const zz = energy(tried.field.z)
  const ranked = tried.trials
    .flatMap((trial) => judge(trial, tried, zz, suspected))
    .toSorted((a, b) => kinds(a) - kinds(b) || b.score - a.score)
  const left = [...ranked]
  const merged: DirectionFinding[] = []
  // of directions that cannot be told apart, the first of the catalogue stands for all, and names the others
  while (left.length > 0 && merged.length < MOST) {
    const [best] = left
    const same = tried.trials.flatMap(({ direction }) =>
      left.filter(
        (other) => other.trial.direction.id === direction.id && (other === best || isAlike(best, other)),
      ),
    )
    for (const one of same) left.splice(left.indexOf(one), 1)
    const [{ trial: _trial, whole: _whole, score: _score, ...simplest }, ...others] = same
    merged.push({ ...simplest, alike: others.map(({ id, says }) => ({ id, says })) })
  }
  return merged
}

function kinds({ kind }: DirectionFinding): number {
  return kind === 'consistent' ? 0 : 1
}

function judge(trial: Trial, { field }: Trials, zz: number, suspected: boolean): Ranked[] {
  const { direction, fit, share, mismatches: after } = trial
  const before = field.mismatches
  const leaning = share !== undefined && isSuspected(share, direction) ? share : undefined
  if (leaning === undefined && after >= before) return []
  // it explains choices, and what else it would do is not there
  if (leaning === undefined && fit !== undefined && fit.left > zz + APART ** 2) return []

  const little = Math.max(LITTLE * zz, NOISE ** 2 * field.size)
  const times = leaning === undefined ? undefined : timesOf(trial, leaning, zz, little)
  const left = times === undefined ? fit?.left : leftOf(trial, zz, 1 - times)
  const noiseFits =
    fit !== undefined && leaning !== undefined
      ? times !== undefined ||
        (isOne(leaning.beta, leaning.elements, leaning.standardError, leaning.allowance) &&
          fit.left <= little)
      : zz <= NOISE ** 2 * field.size
  const kind = noiseFits && after <= LITTLE * before ? 'consistent' : 'leaning'
  if (fit !== undefined && after >= before && isByChance(fit, zz, field.size)) return []
  if (kind === 'leaning' && suspected && fit !== undefined && fit.elements < FEW && after >= before) return []
  // of something that is left out −1, −2 … times, as that much of what is then added
  const whole = times === undefined ? 1 : 1 - times
  const finding: DirectionFinding = {
    id: times === undefined ? direction.id : `${direction.id}/times=${times}`,
    says: times === undefined ? direction.says : (direction.repeated?.(times) ?? direction.says),
    kind,
    beta: leaning === undefined ? null : leaning.beta / whole,
    // that of β as a whole: what it may lean by right counts as uniform
    standardError:
      leaning === undefined
        ? null
        : Math.hypot(leaning.standardError, leaning.allowance / Math.sqrt(3)) / Math.abs(whole),
    snr: fit?.snr ?? 0,
    explained: fit?.explained ?? 0,
    mismatches: { before, after },
    alike: [],
    ...(direction.profile === undefined ? {} : { profile: direction.profile }),
    sentence: '',
  }
  const gone =
    left === undefined || fit === undefined ? 0 : kind === 'consistent' ? (zz - left) / zz : fit.explained
  const besides =
    left !== undefined && left > Math.max(NOTICEABLE * zz, LARGE ** 2 * field.size) ? left / zz : 0
  const exact = before === 0 ? 0 : (before - after) / before
  return [
    {
      ...finding,
      sentence: sentenceOf(finding, besides, direction.sized),
      trial,
      whole,
      score: exact + (Number.isFinite(gone) ? gone : 0),
    },
  ]
}

/** How many times something is added that the direction leaves out, if that leaves little. */
function timesOf(
  trial: Trial,
  { beta, elements, standardError, allowance }: Share,
  zz: number,
  little: number,
): number | undefined {
  const more = Math.round(-beta)
  if (trial.direction.repeated === undefined || more < 1 || more >= TIMES) return undefined
  const isWhole = isOne(-beta / more, elements, standardError / more, allowance / more)
  return isWhole && leftOf(trial, zz, -more) <= little ? 1 + more : undefined
}

/** ‖z − βd‖². */
function leftOf({ fit }: Trial, zz: number, beta: number): number {
  return fit === undefined ? zz : zz + (beta * beta - 2 * beta * fit.beta) * fit.snr ** 2
}

/**
 * @param besides the share of the errors' energy that a bug leaves, and that is no noise
 * @param sized what so much of the direction is
 */
function sentenceOf(
  { kind, says, beta, standardError: se, explained, mismatches }: DirectionFinding,
  besides: number,
  sized: Direction['sized'],
): string {
  const { before, after } = mismatches
  const named = beta === null ? undefined : sized?.(beta)
  const details = [
    beta === null || se === null || named !== undefined
      ? ''
      : `β = ${decimals(beta, se)} ± ${se.toPrecision(1)}`,
    beta === null || kind === 'consistent' ? '' : `explains ${Math.round(100 * explained)} %`,
    kind === 'leaning' || besides === 0 ? '' : `leaves ${Math.round(100 * besides)} % that is no noise`,
    before === 0 ? '' : `explains ${before - after} of the ${before} entries that are off`,
  ].filter((text) => text !== '')
  const verb = kind === 'consistent' ? 'consistent with' : 'leans along'
  return `${verb} ${named ?? says} (${details.join(', ')})`
}

/** β to the digit of its error. */
function decimals(beta: number, se: number): string {
  if (Math.abs(beta) >= 1e6) return beta.toExponential(2)
  return beta.toFixed(Math.max(0, Math.min(6, -Math.floor(Math.log10(se)))))
}

function isAlike(a: Ranked, b: Ranked): boolean {
  if (a.kind !== b.kind || a.mismatches.after !== b.mismatches.after) return false
  let difference = 0
  for (let i = 0; i < a.trial.d.length; i++) {
    difference += (a.whole * a.trial.d[i] - b.whole * b.trial.d[i]) ** 2
  }
  return difference <= APART ** 2
}

/** Bugs that would stay below their threshold were they there, β = 1. */
function unseen({ direction: { id, says }, fit, share, changes }: Trial): Invisible[] {
  const seen = changes > 0 || (share !== undefined && isSuspected({ ...share, beta: 1 }, {}))
  return seen ? [] : [{ id, says, snr: fit?.snr ?? 0 }]
}
