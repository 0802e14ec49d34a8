import type { MaskArray } from '../../../reference/evaluator.ts'
import { placeOf } from '../../cases/read-case.ts'
import type { Comparison, Worst } from '../judgement.ts'
import { hexOf } from '../ulp.ts'
import type { Suspicions } from './compare-dense.ts'
import { ranked, slackOf } from '../noise/choice.ts'
import type { BoundedMask } from '../bounded/bounded.ts'

/** Half the entries open to choice is no longer a tie: the mask then says nothing of the runtime. */
const AMBIGUOUS_SHARE = 0.5

/** The interval that each score is taken to lie in. */
interface Intervals {
  low(i: number): number
  high(i: number): number
  /** Whether it is a point. */
  exact(i: number): boolean
}

/**
 * Holds a runtime's mask against truth's. Where truth's scores are exact, so must the mask be. Else a row is possible if some
 * scores inside their bounds would have chosen it: nothing dropped is surely above anything kept, nothing surely zero is
 * kept, and the count is one that the budget and the zeros allow; what is not possible is proved wrong. A row that only scores
 * further than 30 standard deviations from truth's would have chosen is suspect.
 */
export function compareMask(
  truth: BoundedMask,
  found: MaskArray,
  suspicions: Suspicions = 'all',
): Comparison {
  const m = truth.shape.at(-1) ?? 1
  const elements = found.data.length
  const none = { elements, unprovable: 0, share: null, rms: null, statistics: [] }
  const [proof, noise] = [boundsOf(truth), noiseOf(truth)]
  let [total, legal, ambiguous] = [0, 0, 0]
  const impossible: Illegal[] = []
  const strange: Illegal[] = []
  for (let start = 0; start < elements; start += m) {
    const row = Array.from({ length: m }, (_, column) => start + column)
    const flipped = row.filter((i) => found.data[i] !== truth.data[i]).length
    total += flipped
    const proved = judgeRow(truth, found, row, proof)
    const strained = suspicions === 'none' ? undefined : judgeRow(truth, found, row, noise)
    if (proved !== undefined) impossible.push(proved)
    else if (strained !== undefined) strange.push(strained)
    else legal += flipped
    ambiguous += ambiguousIn(truth, row, noise)
  }
  const share = elements === 0 ? 0 : ambiguous / elements
  const illegal = impossible.length > 0 ? impossible : strange
  const flips = { total, legal, ambiguousShare: share }
  const [first] = illegal
  if (first !== undefined) {
    const more = illegal.length > 1 ? `; ${illegal.length} rows like this` : ''
    const verdict = impossible.length > 0 ? 'fail' : 'suspect'
    const reason = `${first.reason}${more}`
    return { verdict, reason, ...none, worst: describe(truth, found, first.index), flips }
  }
  if (total > 0 && share > AMBIGUOUS_SHARE) {
    const reason = `${Math.round(100 * share)} % of the entries could be either: too many to call them ties`
    return { verdict: 'not-judged', reason, ...none, flips }
  }
  return { verdict: 'pass', ...none, flips }
}

function boundsOf({ chosenBy }: BoundedMask): Intervals | undefined {
  if (chosenBy === undefined) return undefined
  const { v, b } = chosenBy.scores
  return {
    low: (i) => v.data[i] - b.data[i],
    high: (i) => v.data[i] + b.data[i],
    exact: (i) => b.data[i] === 0,
  }
}

/** Where noise reaches further than the bound does, the bound holds. */
function noiseOf({ chosenBy }: BoundedMask): Intervals | undefined {
  if (chosenBy === undefined) return undefined
  const { scores } = chosenBy
  const slack = (i: number): number => Math.min(slackOf(scores, i), scores.b.data[i])
  return {
    low: (i) => scores.v.data[i] - slack(i),
    high: (i) => scores.v.data[i] + slack(i),
    exact: (i) => scores.b.data[i] === 0,
  }
}

interface Illegal {
  readonly index: number
  readonly reason: string
}

/** Why no scores inside the intervals choose this row, if none do. */
function judgeRow(
  truth: BoundedMask,
  found: MaskArray,
  row: readonly number[],
  intervals: Intervals | undefined,
): Illegal | undefined {
  const flip = row.find((i) => found.data[i] !== truth.data[i])
  const { chosenBy } = truth
  if (chosenBy === undefined || intervals === undefined || row.every((i) => intervals.exact(i))) {
    if (flip === undefined) return undefined
    return { index: flip, reason: `${found.data[flip]} where exact scores decide ${truth.data[flip]}` }
  }
  const { low, high, exact } = intervals
  const { v } = chosenBy.scores
  // shown is an entry that differs: the one the reason is about may be dropped by truth too
  const illegal = (index: number, reason: string): Illegal => ({
    index: found.data[index] === truth.data[index] ? (flip ?? index) : index,
    reason,
  })

  const kept = row.filter((i) => found.data[i] === 1)
  const dropped = row.filter((i) => found.data[i] === 0)
  const zero = kept.find((i) => v.data[i] === 0 && exact(i))
  if (zero !== undefined) return illegal(zero, 'keeps a score that is exactly 0')
  if (kept.length > chosenBy.budget) {
    return illegal(kept[0], `keeps ${kept.length}, more than the budget of ${chosenBy.budget}`)
  }
  // What is dropped lies below all that is kept, or is a zero that holds one of the places left over; and where places
  // are left over, zeros hold them, so that everything else dropped lies below 0 too.
  const spare = Math.min(chosenBy.budget, row.length) - kept.length
  const limit = kept.reduce((least, i) => Math.min(least, high(i)), spare > 0 ? 0 : Infinity)
  const maybeZero = (i: number): boolean => low(i) <= 0 && high(i) >= 0
  // a tie at the extreme goes to the lower column; what is kept is not 0, so an extreme of 0 is never reached
  const beatenTo = (i: number): boolean => kept.some((j) => high(j) === low(i) && (j > i || high(j) === 0))
  const above = dropped.filter((i) => low(i) > limit || beatenTo(i))
  const lost = above.find((i) => !maybeZero(i))
  if (lost !== undefined) {
    const reason = limit === 0 ? 'that is not 0, with places left over' : 'that is surely above one it keeps'
    return illegal(lost, `drops a score ${reason}`)
  }
  if (above.length > spare) {
    return illegal(above[0], `keeps a score that the budget of ${chosenBy.budget} does not reach`)
  }
  if (dropped.filter(maybeZero).length < spare) {
    const reason = `keeps ${kept.length} of a budget of ${chosenBy.budget}, and too few of the rest can be 0`
    return illegal(dropped[0], reason)
  }
  return undefined
}

/** Entries neither surely in the budget nor surely out of it. */
function ambiguousIn(
  { chosenBy }: BoundedMask,
  row: readonly number[],
  intervals: Intervals | undefined,
): number {
  if (chosenBy === undefined || intervals === undefined || row.every((i) => intervals.exact(i))) return 0
  const places = ranked(row, chosenBy.budget, intervals.low, intervals.high)
  return places.filter(({ mayStay, mayGo }) => mayStay && mayGo).length
}

function describe(truth: BoundedMask, found: MaskArray, index: number): Worst {
  const [expected, value] = [truth.data[index], found.data[index]]
  return {
    coordinates: placeOf(index, truth.shape),
    expected,
    found: value,
    expectedHex: hexOf(expected),
    foundHex: hexOf(value),
    ulp: null,
    bound: null,
    deviations: null,
  }
}
