import type { MaskArray } from '../../../reference/evaluator.ts'
import { placeOf } from '../../cases/read-case.ts'
import type { Comparison, Worst } from '../judgement.ts'
import { hexOf } from '../ulp.ts'
import { GROSS_DEVIATIONS } from './compare-dense.ts'
import type { NoisyMask } from './noise.ts'

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

function judgeRow(
  truth: NoisyMask,
  found: MaskArray,
  start: number,
  m: number,
): { ambiguous: number; illegal?: { index: number; reason: string } } {
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
  const slack = (i: number): number => GROSS_DEVIATIONS * Math.sqrt(s2.data[i])
  const low = (i: number): number => v.data[i] - slack(i)
  const high = (i: number): number => v.data[i] + slack(i)
  const surelyZero = (i: number): boolean => v.data[i] === 0 && s2.data[i] === 0
  const maybeZero = (i: number): boolean => low(i) <= 0 && high(i) >= 0

  const kept = rowOf.filter((i) => found.data[i] === 1)
  const zero = kept.find(surelyZero)
  if (zero !== undefined)
    return { ambiguous: 0, illegal: { index: zero, reason: 'keeps a score that is exactly 0' } }
  if (kept.length > chosenBy.budget) {
    const reason = `keeps ${kept.length}, more than the budget ${chosenBy.budget}`
    return { ambiguous: 0, illegal: { index: kept[0], reason } }
  }
  // dropped: what was outside the budget, or a zero inside it, which only holds a place
  const weakest = kept.reduce((least, i) => (high(i) < high(least) ? i : least), kept[0])
  const above = rowOf.filter((i) => found.data[i] === 0 && (weakest === undefined || low(i) > high(weakest)))
  const passedOver = above.find((i) => weakest !== undefined && !maybeZero(i))
  if (passedOver !== undefined) {
    const reason = `drops a score surely above one that it keeps, at ${place(weakest, truth)}`
    return { ambiguous: 0, illegal: { index: passedOver, reason } }
  }
  // zeros rank by value and hold places too: of what is kept, fewer than the budget may lie surely above it
  const crowded = kept.find((i) => rowOf.filter((j) => low(j) > high(i)).length >= chosenBy.budget)
  if (crowded !== undefined) {
    const reason = `keeps a score that the budget of ${chosenBy.budget} does not reach`
    return { ambiguous: 0, illegal: { index: crowded, reason } }
  }
  if (kept.length < chosenBy.budget) {
    // places left over can only be held by zeros: what is surely not zero, and above a zero or without one, must be kept
    const zeros = rowOf.filter((i) => found.data[i] === 0 && maybeZero(i)).length
    const spare = chosenBy.budget - kept.length
    const missing = rowOf.find((i) => found.data[i] === 0 && (low(i) > 0 || (high(i) < 0 && zeros < spare)))
    if (missing !== undefined) {
      const reason = `keeps ${kept.length} of a budget of ${chosenBy.budget} and drops a score that is not 0`
      return { ambiguous: 0, illegal: { index: missing, reason } }
    }
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
  const lows = row.map(low).toSorted((a, b) => a - b)
  const highs = row.map(high).toSorted((a, b) => a - b)
  let count = 0
  for (const i of row) {
    const mayBeat = row.length - countBelow(highs, low(i)) - 1
    const surelyBeat = row.length - countUpTo(lows, high(i))
    if (mayBeat >= budget && surelyBeat < budget) count++
  }
  return count
}

/** How many of the ascending `values` are < x. */
function countBelow(values: readonly number[], x: number): number {
  return bisect(values, (value) => value < x)
}

/** How many of the ascending `values` are ≤ x. */
function countUpTo(values: readonly number[], x: number): number {
  return bisect(values, (value) => value <= x)
}

function bisect(values: readonly number[], before: (value: number) => boolean): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (before(values[middle])) from = middle + 1
    else to = middle
  }
  return from
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

function place(index: number, { shape }: NoisyMask): string {
  return `[${placeOf(index, shape).join(', ')}]`
}
