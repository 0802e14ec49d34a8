import type { Value } from '../../../reference/evaluator.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import type { Question } from '../../cases/question.ts'
import { suspectsOf } from './catalogue/index.ts'
import { once } from '../noise/once.ts'
import type { Direction, Run } from './direction.ts'
import { changesOf, deviationsOf, fieldOf, mismatchesOf, offIn, type Field, type Known } from './field.ts'
import { shares, type Legal, type Share } from './clear.ts'
import { energy, fit, isAbsent, isOne, NOISE, suspicion, type Fit } from './fit.ts'
import { leaningsOf } from './leanings.ts'
import { jitter } from './jitter.ts'
import { noisy64 } from './noisy64.ts'
import { excessOf, isByChance } from './suspected.ts'
import { ROUNDING } from './units.ts'
import { record, type Call, type Enter, type Exposures, type Tape } from './tape.ts'

/** What directions are tried on. */
export interface Trying {
  readonly question: Question
  /** What the runtime exposes, by path; shapes as the equation has them. */
  readonly found: ReadonlyMap<string, Value>
  /** What is known of an exposed tensor on the runtime's own upstream; undefined leaves it out. */
  readonly known: (path: string) => Known | undefined
  /** Draws of legal noise, at least 16; more make standard errors surer and cost an evaluation each. */
  readonly draws?: number
  readonly seed?: number
  /** Whether the runtime is suspected anyhow: then no direction needs to be surer. */
  readonly suspected?: boolean
}

/** A direction as tried. */
export interface Trial {
  readonly direction: Direction
  readonly d: Float64Array
  /** Undefined where the direction moves no element that rounding moves, or is not finite. */
  readonly fit: Fit | undefined
  /** Undefined where no noise was drawn, because |β|·‖d‖ is no more than would be let pass anyway. */
  readonly share: Share | undefined
  /** Exact elements that the bug changes, and those that are off with it. */
  readonly changes: number
  readonly mismatches: number
}

/** All that was tried. */
export interface Trials {
  readonly field: Field
  /** In the order of the catalogue. */
  readonly trials: readonly Trial[]
  /** Draws of noise evaluated: 0 where no direction came near its threshold. */
  readonly drawn: number
}

/** Share of ‖z‖² that the first bug of a scale must explain for the others to be tried; what is left of it that is nothing. */
const NEGLIGIBLE = 1e-3

/**
 * Tries the suspected bugs of the question's equation on what a runtime exposes.
 * @param draw really every direction, and the noise of each; else only of those that need it
 */
export function tryDirections(trying: Trying, draw: boolean): Trials {
  const { question, found, known, suspected = false } = trying
  const tape = record(question, { found, judged: (path) => known(path)?.judged })
  const field = fieldOf(found, tape.exposed, known)
  if (field.size === 0 && field.exact.length === 0) return { field, trials: [], drawn: 0 }

  const suspects = suspectsOf(tape)
  const tried: Trial[] = []
  const where = draw ? undefined : offIn(field, tape.exposed)
  const scales = new Map<string, boolean>()
  const isThere = once((part: Run) => {
    const d = deviationsOf(field, tape.exposed, part.evaluate())
    return d === undefined || !isAbsent(field.z, d)
  })
  const tryAll = (directions: readonly Direction[]): void => {
    for (const direction of directions) {
      if (where !== undefined && !canShow(tape, direction, where)) continue
      if (!draw && direction.scale !== undefined && scales.get(direction.scale) === false) continue
      if (!draw && field.size > FEW && direction.part !== undefined && !isThere(direction.part)) continue
      const trial = attempt(tape, field, direction)
      tried.push(trial)
      noteScale(scales, direction, trial.fit)
    }
  }
  tryAll(suspects.filter(({ costly = false, gross = false }) => !costly && !gross))
  if (draw || !isExplained(field, tried)) tryAll(suspects.filter(({ costly = false }) => costly))
  if (draw || (suspected && isGross(field) && !isExplained(field, tried)))
    tryAll(suspects.filter(({ gross = false }) => gross))
  const zz = energy(field.z)
  const near = draw ? tried : tried.filter((trial) => isNear(trial) && mayBeNamed(trial, field, zz))
  const held = heldAgainst(tape, field, near, trying)
  // few draws leave a standard error that is none too sure, and is taken for larger: of what comes near, more are worth it
  const close = suspected || field.size > SMALL ? [] : held.trials.filter(isClose)
  const surer = heldAgainst(tape, field, close, { ...trying, draws: MORE })
  const shared = new Map([...held.trials, ...surer.trials].map((trial) => [trial.direction, trial]))
  const order = new Map(suspects.map((direction, i) => [direction, i]))
  const place = ({ direction }: Trial): number => order.get(direction) ?? 0
  return {
    field,
    trials: tried
      .map((trial) => shared.get(trial.direction) ?? trial)
      .toSorted((a, b) => place(a) - place(b)),
    drawn: held.drawn + surer.drawn,
  }
}

/** Elements of a field in which errors may miss a part of a bug by chance; there the whole costs little anyway. */
const FEW = 4096

/** Elements of a field for which more draws cost little, and how many they are then. */
const [SMALL, MORE] = [2 ** 15, 64]

/** The share of the threshold from which on a direction comes close to it. */
const CLOSE = 0.7

/** Whether a share is less than is suspected, but not by much: with more draws it may be more. */
function isClose({ direction, share }: Trial): boolean {
  if (share === undefined) return false
  const ofThreshold = excessOf(share, direction) / suspicion(share.elements)
  return ofThreshold > CLOSE && ofThreshold <= 1
}

/** The trials with their shares, from draws of legal noise. */
function heldAgainst(
  tape: Tape,
  field: Field,
  trials: readonly Trial[],
  trying: Trying,
): { readonly trials: readonly Trial[]; readonly drawn: number } {
  if (trials.length === 0) return { trials, drawn: 0 }
  const legal = legalIn(tape, field, trials, trying)
  const shareOf = shares(field.z, legal)
  return {
    trials: trials.map((trial) =>
      trial.fit === undefined ? trial : { ...trial, share: shareOf(trial.d, trial.fit) },
    ),
    drawn: legal.draws.length,
  }
}

/** Whether a bug shows directly in one of the tensors where something is off. */
function canShow(tape: Tape, { run }: Direction, where: ReadonlySet<string>): boolean {
  return run.at === undefined || run.at.some((call) => [...tape.reach(call)].some((path) => where.has(path)))
}

/** Share of ‖z‖² that is not in its largest element, from which on errors are not one element's alone; and |z| from which one is gross. */
const [ALONE, GROSS] = [1e-4, 100]

/**
 * Whether more than one element is off, and grossly where it would cost much to ask: one alone is no bug that is gross
 * wherever it shows. A mask, and a loss, may have no other.
 */
function isGross({ z, size, mismatches }: Field): boolean {
  if (mismatches > 0 || size < 2) return true
  const largest = z.reduce((most, value) => Math.max(most, value * value), 0)
  return (size <= FEW || largest > GROSS ** 2) && !(energy(z) - largest < ALONE * largest)
}

/** Elements of a field, and of a direction, by chance of which no bug leaves only noise of another. */
const MANY = { field: 1000, direction: 100 }

/** Whether one of the bugs, taken as it is, leaves so little that no other could be worth trying. */
function isExplained({ z, size, mismatches: before }: Field, trials: readonly Trial[]): boolean {
  const noise = Math.max(NOISE ** 2 * size, NEGLIGIBLE * energy(z))
  return (
    size >= MANY.field &&
    trials.some(
      ({ fit: some, mismatches }) =>
        some !== undefined &&
        some.elements >= MANY.direction &&
        isNearFit(some) &&
        isOne(some.beta, some.elements, 1 / some.snr, 0) &&
        some.left <= noise &&
        mismatches <= NEGLIGIBLE * before,
    )
  )
}

/** Remembers whether bugs of this scale are worth trying: the first of them explains anything at all. */
function noteScale(scales: Map<string, boolean>, { scale }: Direction, some: Fit | undefined): void {
  if (scale === undefined || scales.get(scale) === true) return
  scales.set(scale, some !== undefined && some.explained > NEGLIGIBLE && isNearFit(some))
}

function attempt(tape: Tape, field: Field, direction: Direction): Trial {
  const other = direction.run.evaluate()
  const d = deviationsOf(field, tape.exposed, other) ?? new Float64Array(field.size)
  return {
    direction,
    d,
    fit: fit(field.z, d),
    share: undefined,
    changes: changesOf(field.exact, tape.exposed, other),
    mismatches: mismatchesOf(field.exact, tape.exposed, other),
  }
}

/**
 * Whether a direction would pass its threshold, were noise independent and of variance 1. A standard error is never below that
 * of such noise, so the others need no draws.
 */
function isNear({ fit: some }: Trial): boolean {
  return some !== undefined && isNearFit(some)
}

/** Whether a finding could come of a trial at all: else nobody need know what rounding goes along it. */
function mayBeNamed(
  { fit: some, mismatches }: Trial,
  { size, mismatches: before }: Field,
  zz: number,
): boolean {
  return mismatches < before || (some !== undefined && !isByChance(some, zz, size))
}

function isNearFit({ beta, snr, elements }: Fit): boolean {
  return Math.abs(beta) * snr > suspicion(elements)
}

/** What legal errors are like, in the tensors that the directions move; elsewhere none is needed. */
function legalIn(
  tape: Tape,
  field: Field,
  tried: readonly Trial[],
  { known, draws = 16, seed = 1 }: Trying,
): Legal {
  const moved = field.noisy.filter(({ start, index }) =>
    tried.some(({ d }) => d.subarray(start, start + index.length).some((value) => value !== 0)),
  )
  const needed = callsTo(tape, new Set(moved.map(({ path }) => path)))
  // a direction cleared of what they lean lives wherever they show
  const shown = new Set(needed.flatMap((call) => [...tape.reach(call)]))
  const deviations = (exposed: Exposures): Float64Array[] => {
    const found = deviationsOf(field, tape.exposed, exposed)
    return found === undefined ? [] : [found]
  }
  const drawn = new Set(callsTo(tape, shown).map(({ index }) => index))
  const squares = new Map<number, Tensor>()
  return {
    draws: Array.from({ length: draws }, (_, draw) => draw).flatMap((draw) => {
      const noisy = noisy64(seed * 1000 + draw, squares)
      return deviations(
        tape.replay((call, usual) => (drawn.has(call.index) ? noisy(call, usual) : undefined)),
      )
    }),
    carried: Array.from({ length: CARRIED }, (_, draw) =>
      tape.replay(() => undefined, undefined, unrounded(known, seed * 1000 + draw)),
    ).flatMap(deviations),
    leanings: leaningsOf(needed).map(({ ways, isWhole }) => ({
      ways: ways.flatMap(({ alter }) => deviations(tape.replay(alter))),
      isWhole,
    })),
  }
}

/** Draws of what wider registers carry on: an evaluation each. */
const CARRIED = 6

/** What a runtime may have gone on with that rounds to what it shows; where no rounding can be, that. */
function unrounded(known: Trying['known'], seed: number): Enter {
  return (path, given) => {
    const s = known(path)?.s
    if (given.kind === 'mask' || s === undefined) return given
    const wider = (x: Tensor): Tensor =>
      jitter(x, seed, (i) => (s.data[i] === 0 ? 0 : ROUNDING * Math.abs(x.data[i])))
    return given.kind === 'dense'
      ? { kind: 'dense', x: wider(given.x) }
      : { kind: 'sparse', x: { ...given.x, values: wider(given.x.values) } }
  }
}

/** The calls that show in some of the runtime's tensors. */
function callsTo(tape: Tape, paths: ReadonlySet<string>): Call[] {
  return tape.calls.filter((call) => [...tape.reach(call)].some((path) => paths.has(path)))
}
