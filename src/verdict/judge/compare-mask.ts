import type { MaskArray } from '../../../reference/evaluator.ts'
import { placeOf } from '../../cases/read-case.ts'
import type { Comparison, Worst } from '../judgement.ts'
import { hexOf } from '../ulp.ts'
import { ranked, slackOf } from '../noise/choice.ts'
import type { NoisyMask } from '../noise/noise.ts'

/** Half the entries open to choice is no longer a tie: the mask then says nothing of the runtime. */
const AMBIGUOUS_SHARE = 0.5

/**
 * Holds a runtime's mask against truth's. Where truth's scores are exact, so must the mask be. Else a row is legal if
 * some scores within 30 standard deviations of truth's would have chosen it: nothing dropped is surely above anything
 * kept, nothing surely zero is kept, and the count is one that the budget and the zeros allow.
 */
export function compareMask(truth: NoisyMask, found: MaskArray): Comparison {
  const m = truth.shape.at(-1) ?? 1
  const elements = found.data.length
  let total = 0
  let ambiguous = 0
  const illegal: { index: number; reason: string }[] = []
  for (let start = 0; start < elements; start += m) {
    for (let i = start; i < start + m; i++) if (found.data[i] !== truth.data[i]) total++
    const row = judgeRow(truth, found, start, m)
    ambiguous += row.ambiguous
    if (row.illegal !== undefined) illegal.push(row.illegal)
  }
  const share = elements === 0 ? 0 : ambiguous / elements
  const flips = { total, legal: illegal.length === 0 ? total : 0, ambiguousShare: share }
  const [first] = illegal
  if (first !== undefined) {
    const reason = `${first.reason}${illegal.length > 1 ? `; ${illegal.length} rows like this` : ''}`
    return { verdict: 'fail', reason, elements, rms: null, worst: describe(truth, found, first.index), flips }
  }
  if (total > 0 && share > AMBIGUOUS_SHARE) {
    const reason = `${Math.round(100 * share)} % of the entries could be either: too many to call them ties`
    return { verdict: 'not-judged', reason, elements, rms: null, flips }
  }
  return { verdict: 'pass', elements, rms: null, flips }
}

interface RowJudgement {
  readonly ambiguous: number
  readonly illegal?: { readonly index: number; readonly reason: string }
}

function judgeRow(truth: NoisyMask, found: MaskArray, start: number, m: number): RowJudgement {
  const rowOf = Array.from({ length: m }, (_, column) => start + column)
  const flip = rowOf.find((i) => found.data[i] !== truth.data[i])
  const { chosenBy } = truth
  const exact = chosenBy === undefined || rowOf.every((i) => chosenBy.scores.s2.data[i] === 0)
  if (exact) {
    if (flip === undefined) return { ambiguous: 0 }
    return {
      ambiguous: 0,
      illegal: { index: flip, reason: `${found.data[flip]} where exact scores decide ${truth.data[flip]}` },
    }
  }
  const { v, s2 } = chosenBy.scores
  const low = (i: number): number => v.data[i] - slackOf(chosenBy.scores, i)
  const high = (i: number): number => v.data[i] + slackOf(chosenBy.scores, i)
  // shown is an entry that differs: the one the reason is about may be dropped by truth too
  const illegal = (index: number, reason: string): RowJudgement => ({
    ambiguous: 0,
    illegal: { index: found.data[index] === truth.data[index] ? (flip ?? index) : index, reason },
  })

  const kept = rowOf.filter((i) => found.data[i] === 1)
  const dropped = rowOf.filter((i) => found.data[i] === 0)
  const zero = kept.find((i) => v.data[i] === 0 && s2.data[i] === 0)
  if (zero !== undefined) return illegal(zero, 'keeps a score that is exactly 0')
  if (kept.length > chosenBy.budget) {
    return illegal(kept[0], `keeps ${kept.length}, more than the budget of ${chosenBy.budget}`)
  }
  // What is dropped lies below all that is kept, or is a zero that holds one of the places left over; and where places
  // are left over, zeros hold them, so that everything else dropped lies below 0 too.
  const spare = Math.min(chosenBy.budget, m) - kept.length
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
  return { ambiguous: ambiguousIn(rowOf, chosenBy.budget, low, high) }
}

/** Entries neither surely in the budget nor surely out of it. */
function ambiguousIn(
  row: readonly number[],
  budget: number,
  low: (i: number) => number,
  high: (i: number) => number,
): number {
  return ranked(row, budget, low, high).filter(({ mayStay, mayGo }) => mayStay && mayGo).length
}

function describe(truth: NoisyMask, found: MaskArray, index: number): Worst {
  const [expected, value] = [truth.data[index], found.data[index]]
  return {
    coordinates: placeOf(index, truth.shape),
    expected,
    found: value,
    expectedHex: hexOf(expected),
    foundHex: hexOf(value),
    ulp: NaN,
    deviations: null,
  }
}
