import { LARGEST, type Accuracy } from '../profile/accuracy.ts'
import type { Format } from '../profile/profile.ts'

/**
 * Standard deviations of the errors that legal runtimes make, as far as one can say without knowing the runtime: shares of
 * the largest errors of a profile. The shares are those of the prototype that the thresholds were measured with.
 */
export interface Scatter {
  /** c, of one rounding, relative. */
  readonly c: number
  /** Of exp at an argument of magnitude `x`, relative: κ. */
  exp(x: number): number
  /** Of log at `y`, absolute. */
  log(y: number): number
  readonly divide: number
  readonly inverseSqrt: number
  /** Absolute. */
  readonly erf: number
  /** What a factor of a product is rounded to; float32 where it is no more than every result. */
  readonly productInput: Format
  /**
   * The variance of a float32 sum of n terms t with S = Σt and Q = Σt², by any order of exchangeable terms:
   * c²[n(S²/3 + Q/6) + S²]; c² of Q more where the terms are products, each rounded. Infinite where a
   * partial sum may overflow. Where terms are equal, `alike` takes the place of n (`alike.ts`). Roundings that may all go
   * one way drift besides: half an ULP of every partial sum. So do long sums that only grow, {@link stagnation}. Here what n alone says of it,
   * once for all sums of n terms; {@link varianceOfSum} is that of one.
   */
  sum(n: number, termsRounded: boolean): Summation
  /** Whether sums of products are looked at for the order of their terms: it costs as much as all the rest, and is done where a suspicion hangs on it. */
  readonly looksAtOrder: boolean
  /** What one unit of Q adds to the variance of a sum of n rounded products: c²(n/6 + 1). */
  ofSquares(n: number): number
}

/** What n alone says of the variance of sums of n terms: part of S², of the rest, and of Q besides. */
interface Summation {
  readonly n: number
  readonly coherent: number
  readonly c2: number
  readonly termsRounded: boolean
}

/** The variance of a sum, see {@link Scatter.sum}; `alike` is n where no terms are equal. */
export function varianceOfSum(
  { n, coherent, c2, termsRounded }: Summation,
  S: number,
  Q: number,
  alike: number,
): number {
  // some order of summing may come to Σ|t| ≤ √(nQ) on its way
  if (!(n * Q <= LARGEST ** 2)) return Infinity
  return coherent * S * S + c2 * (alike * ((S * S) / 3 + Q / 6) + S * S + (termsRounded ? Q : 0))
}

/**
 * By how much a sum of n positive terms falls short as a rule, relative: terms below half an ULP of what is summed already are lost,
 * and small terms are more frequent than larger ones. The share of such terms goes with √(ULP/mean) for squares of normal
 * numbers, which over n steps comes to κ·u·n^{3/2}·√(2u); κ = 0.02 as measured on sequential float32 sums of 2¹⁶ to 2²⁰ squares (0.05
 * to 0.1 for fourth powers, 0.003 for exponentials). Nothing at n = 1000, 1.4 standard deviations of the rest at n = 2¹⁶.
 */
export function stagnation(n: number, u: number): number {
  return 0.02 * u * n ** 1.5 * Math.sqrt(2 * u)
}

/** Reads a profile as standard deviations. */
export function scatterOf(accuracy: Accuracy, looksAtOrder: boolean = false): Scatter {
  const { profile, u, divide, inverseSqrt, erf } = accuracy
  const { log } = profile.functions
  const { productInputs, results } = profile.formats
  const c = u / 2
  const drift = profile.rounding === 'nearest' ? 0 : u / 2
  return {
    c,
    looksAtOrder,
    exp: (x) => 0.425 * accuracy.exp(x),
    log: (y) => Math.max(log.nearOne / 4, (log.ulp / 2) * 2 ** -23 * Math.abs(Math.log(y))),
    divide: 0.35 * divide,
    inverseSqrt: 0.243 * inverseSqrt,
    erf: erf / 4,
    // where every result is rounded to it, factors are
    productInput: results === productInputs ? 'float32' : productInputs,
    ofSquares: (n) => c ** 2 * (n / 6 + 1),
    sum: (n, termsRounded) => ({
      n,
      coherent: ((drift * n) / 2) ** 2 + stagnation(n, u) ** 2,
      c2: c ** 2,
      termsRounded,
    }),
  }
}
