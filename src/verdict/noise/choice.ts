import type { Tensor } from '../../../reference/tensor.ts'
import { SMALLEST_NORMAL } from '../profile/accuracy.ts'
import { fill, type Noisy, type NoisySparse } from './noise.ts'

/**
 * Choices made of computed numbers. A threshold or a top-k turns noise into a jump, which no variance describes: an
 * entry that could fall either way is *open*. What is computed from an open entry has infinite variance, so nobody
 * is judged there by truth's choice; given the runtime's own mask or coefficients nothing is open, and all is judged.
 */

/** No legal run was seen to be further off than this: it is *gross*. */
export const GROSS_DEVIATIONS = 30

/** 30 standard deviations; all of the line where noise is infinite or unknown. */
export function slackOf({ v, s2 }: Noisy, i: number): number {
  if (!(s2.data[i] < Infinity)) return Infinity
  // what was computed may have been flushed, beside larger numbers that is nothing; what is subnormal may be when compared
  const flush = isNoisy({ v, s2 }, i) && Math.abs(v.data[i]) < 2 ** -64 ? SMALLEST_NORMAL : 0
  return GROSS_DEVIATIONS * Math.sqrt(s2.data[i]) + flush
}

/**
 * Entries that might be above the limit, or might not. What is known exactly is only where it is subnormal, or as near to the limit as that
 * may be off itself.
 */
export function openAt(x: Noisy, limit: number, spread = 0): Uint8Array {
  return Uint8Array.from(x.v.data, (value, i) =>
    Number((spread > 0 || isNoisy(x, i)) && !isSurelyApart(value, limit, slackOf(x, i) + spread)),
  )
}

function isSurelyApart(value: number, limit: number, slack: number): boolean {
  return Math.abs(value - limit) > slack
}

function isNoisy({ v, s2 }: Noisy, i: number): boolean {
  return s2.data[i] !== 0 || (v.data[i] !== 0 && Math.abs(v.data[i]) < SMALLEST_NORMAL)
}

/** Entries of the top-k that might be kept, or might not. */
export function openInTopK(scores: Noisy, budget: number): Uint8Array {
  const { v, s2 } = scores
  const open = new Uint8Array(v.size)
  const m = v.shape.at(-1) ?? 1
  const low = (i: number): number => v.data[i] - slackOf(scores, i)
  const high = (i: number): number => v.data[i] + slackOf(scores, i)
  for (let start = 0; start < v.size; start += m) {
    const row = Array.from({ length: m }, (_, column) => start + column)
    if (!row.some((i) => isNoisy(scores, i))) continue
    for (const { index, mayStay, mayGo } of ranked(row, budget, low, high)) {
      // an exact zero is dropped whatever its rank, and what may be one may be dropped
      const isZero = v.data[index] === 0 && s2.data[index] === 0
      if (!isZero && mayStay && (mayGo || mayBeZero(scores, index))) open[index] = 1
    }
  }
  return open
}

/** Whether noise may make a score an exact zero, which is dropped whatever its rank. */
export function mayBeZero(scores: Noisy, i: number): boolean {
  return Math.abs(scores.v.data[i]) <= slackOf(scores, i)
}

/** Of each entry of a row, whether it may be among the `budget` largest, and whether it may not. */
export function ranked(
  row: readonly number[],
  budget: number,
  low: (i: number) => number,
  high: (i: number) => number,
): { readonly index: number; readonly mayStay: boolean; readonly mayGo: boolean }[] {
  const lows = row.map(low).toSorted((a, b) => a - b)
  const highs = row.map(high).toSorted((a, b) => a - b)
  return row.map((index) => ({
    index,
    mayStay: row.length - countUpTo(lows, high(index)) < budget,
    mayGo: row.length - countBelow(highs, low(index)) - 1 >= budget,
  }))
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

/** The entries of `x` that a choice keeps, and those it may keep, of which nobody can say what a runtime holds there. */
export function chosen(kept: Uint8Array, open: Uint8Array | undefined, { v, s2 }: Noisy): NoisySparse {
  const held = (x: Tensor): Tensor => fill(x.shape, (i) => (kept[i] === 1 ? x.data[i] : 0))
  if (open === undefined) return { v: held(v), s2: held(s2), kept }
  return {
    v: held(v),
    s2: fill(v.shape, (i) => (open[i] === 1 ? Infinity : kept[i] === 1 ? s2.data[i] : 0)),
    kept: kept.map((byte, i) => byte | open[i]),
  }
}
