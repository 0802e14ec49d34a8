import type { BigNumber } from './big-number.ts'

/**
 * Error bounds are kept as decimal logarithms, since e^(−10⁵) and its errors are ordinary here and no float64 holds
 * them: 2.3·10⁻⁶⁴ is −63.6, no error at all is −∞. They are upper bounds; SLACK covers the float64 roundings in them.
 */
export const NONE: number = -Infinity

const SLACK = 1e-6

/** Errors below this do not come out of a computation: it is where the decimals themselves underflow. */
const UNDERFLOW = -9e15

/** log₁₀ of the sum of two bounds. */
export function either(a: number, b: number): number {
  if (a === Infinity || b === Infinity) return Infinity
  if (a < b) return either(b, a)
  if (b === NONE) return a
  return a + Math.log10(1 + 10 ** (b - a)) + SLACK
}

/** log₁₀|x| from above: by its first seven digits or fewer, those before them rounded up. */
export function magnitude(x: BigNumber): number {
  if (!x.isFinite()) return Infinity
  if (x.isZero()) return NONE
  return x.e - positionInWord(x.e) + Math.log10(x.d[0] + 1) + SLACK
}

/** log₁₀|x| from below, for x ≠ 0. */
export function magnitudeAtLeast(x: BigNumber): number {
  return x.e - positionInWord(x.e) + Math.log10(x.d[0]) - SLACK
}

/** What rounding to `digits` may have taken from x: a unit in its last place, twice what a correct rounding takes. */
export function roundingOf(x: BigNumber, digits: number): number {
  return x.isZero() ? UNDERFLOW : x.e - digits + 1
}

/** Whether a + b came out as `sum` without rounding: no digit of either lies below the digits of the sum. */
export function addedExactly(a: BigNumber, b: BigNumber, sum: BigNumber, digits: number): boolean {
  return sum.isZero() || sum.e - Math.min(lastPlace(a), lastPlace(b)) < digits
}

/** Whether the product of a and b has no more than `digits` digits. (It may have fewer than are counted here.) */
export function multipliedExactly(a: BigNumber, b: BigNumber, digits: number): boolean {
  return a.isZero() || b.isZero() || a.precision() + b.precision() <= digits
}

/** The power of ten of the last digit that is not 0. */
function lastPlace(x: BigNumber): number {
  return x.isZero() ? Infinity : x.e - x.precision() + 1
}

/** decimal.js keeps seven digits a word, words aligned to powers of 10⁷: digits of the first word, less one. */
function positionInWord(e: number): number {
  return ((e % 7) + 7) % 7
}
