import { bigNumbers, type BigNumber, type BigNumbers } from '../../reference/exact/numbers/big-number.ts'
import { decimalText, dyadic } from '../../reference/exact/numbers/dyadic.ts'
import { geluOf } from '../../reference/exact/numbers/gelu.ts'

/**
 * A number and how far a float evaluation of it may be off: |found − value| ≤ error. The value has 64 digits, whose own
 * rounding (10⁻⁶³ of every term) is far below one of float64 (10⁻¹⁶ of every term), which every operation adds.
 * An error of ∞ says that nothing is known: overflow, or a divisor that may be 0.
 */
export interface Running {
  readonly value: BigNumber
  readonly error: number
}

const DIGITS = 64
const big: BigNumbers = bigNumbers(DIGITS)

/** Unit roundoff of float64: what is done inside a primitive is rounded to it, operation by operation. */
const U = 2 ** -53
/** What a product or quotient may lose where float64 underflows. */
const TINY = 2 ** -1074
/** Covers the roundings of the bounds themselves, which are computed in float64. */
const SLACK = 1 + 2 ** -30
/** exp and ln of the reference are within one ULP, two roundoffs, of float64; `special-functions.test.ts` shows it of exp. */
const LIBRARY = 2 * U

/** The n roundings of a sum of n terms, in whatever order: γ_n = n·u/(1 − n·u). */
function gamma(n: number): number {
  return (n * U) / (1 - n * U)
}

/** A float, exactly; one that is not finite is not known. */
export function given(x: number): Running {
  if (!Number.isFinite(x)) return unknown
  return { value: big.of(decimalText(dyadic(x))), error: 0 }
}

export const zero: Running = { value: big.of(0), error: 0 }
const unknown: Running = { value: big.of(0), error: Infinity }

/** A value of which nothing is known but what it would be without rounding. */
function running(value: BigNumber, error: number): Running {
  if (!value.isFinite()) return unknown
  return { value, error: error < Infinity ? error : Infinity }
}

/** ∞ for an overflow. */
export function magnitude({ value }: Running): number {
  return Math.abs(value.toNumber())
}

export function negated({ value, error }: Running): Running {
  return { value: value.negated(), error }
}

export function plus(a: Running, b: Running): Running {
  const value = a.value.plus(b.value)
  const inherited = a.error + b.error
  return running(value, inherited + U * (Math.abs(value.toNumber()) + inherited))
}

export function times(a: Running, b: Running): Running {
  // 0·∞ is no number
  if ((isZero(a) && b.error < Infinity) || (isZero(b) && a.error < Infinity)) return zero
  const value = a.value.times(b.value)
  const inherited = magnitude(a) * b.error + magnitude(b) * a.error + a.error * b.error
  return running(value, inherited + U * (Math.abs(value.toNumber()) + inherited) + TINY)
}

/** |a/b − a′/b′| ≤ (|a − a′| + |a/b|·|b − b′|)/|b′|, |b′| ≥ |b| − |b − b′|. */
export function over(a: Running, b: Running): Running {
  if (b.value.isZero()) return unknown
  const value = a.value.dividedBy(b.value)
  const least = magnitude(b) - b.error
  if (!(least > 0)) return { value, error: Infinity }
  const quotient = Math.abs(value.toNumber())
  const inherited = (a.error + quotient * b.error) / least
  return running(value, inherited + U * (quotient + inherited) + TINY)
}

/** Σ terms: u·|v| is part of γ·Σ|terms|. */
export function sumOf(terms: readonly Running[]): Running {
  let [value, inherited, size] = [zero.value, 0, 0]
  for (const term of terms) {
    value = value.plus(term.value)
    inherited += term.error
    size += magnitude(term) + term.error
  }
  return running(value, inherited + gamma(terms.length) * size)
}

/** Σ a_i·b_i, and one term more where there is a bias. */
export function dot(a: readonly Running[], b: readonly Running[], bias?: Running): Running {
  const products = a.map((x, i) => times(x, b[i]))
  return sumOf(bias === undefined ? products : [...products, bias])
}

/** √x; |√x − √x′| ≤ |x − x′|/√x, and ≤ √|x − x′| where x′ may be near 0. */
export function root(x: Running): Running {
  const value = big.sqrt(x.value.isNegative() ? zero.value : x.value)
  const size = value.toNumber()
  const inherited = size === 0 ? Math.sqrt(x.error) : Math.min(x.error / size, Math.sqrt(x.error))
  return running(value, inherited + U * (size + inherited))
}

/** e^x: an error δ of x is a factor between e^−δ and e^δ. */
export function power(x: Running): Running {
  const value = big.exp(big.of(x.value.toString()))
  const size = value.toNumber()
  const inherited = size * Math.expm1(x.error)
  return running(value, inherited + LIBRARY * (size + inherited) + TINY)
}

/** ln x for x ≥ 1. */
export function logarithm(x: Running): Running {
  const least = magnitude(x) - x.error
  if (!(least > 0)) return unknown
  const value = big.ln(big.of(x.value.toString()))
  const inherited = x.error / least
  return running(value, inherited + LIBRARY * (Math.abs(value.toNumber()) + inherited))
}

/**
 * x·Φ(x), as x/2·erfc(−x/√2). The argument is off by 2u of itself, which erfc magnifies: x/2·erfc′·|x/√2|·2u = 2u·x²·φ(x),
 * 0.3·2u at most; erfc is within two ULP, and three products round. |GELU′| < 1.13.
 */
export function gelu(x: Running): Running {
  const value = big.of(geluOf(x.value, DIGITS).toString())
  const size = Math.abs(value.toNumber()) + 1.13 * x.error
  const square = magnitude(x) ** 2
  const density = Math.exp(-square / 2) / Math.sqrt(2 * Math.PI)
  const magnified = x.error > 0 ? 0.3 : Math.min(0.3, (square === Infinity ? 0 : square * density) * SLACK)
  return running(
    value,
    1.13 * x.error + 2.1 * U * magnified + 8 * U * size + TINY * (magnitude(x) + x.error + 1),
  )
}

/** The largest; it is off by no more than any of them. */
export function largestOf(xs: readonly Running[]): Running {
  let [most, error] = [xs[0], 0]
  for (const x of xs) {
    if (x.value.greaterThan(most.value)) most = x
    error = Math.max(error, x.error)
  }
  return running(most.value, error)
}

/** Whether this is 0 and nothing else. */
export function isZero({ value, error }: Running): boolean {
  return error === 0 && value.isZero()
}

/** How an arithmetic stores what leaves a primitive. */
export interface Storage {
  /** Unit roundoff. */
  readonly u: number
  /** Half the smallest subnormal: what storing a smaller number may take. */
  readonly tiny: number
  /** From here on a number is stored as ∞. */
  readonly most: number
}

export const SINGLE: Storage = { u: 2 ** -24, tiny: 2 ** -150, most: 2 ** 128 - 2 ** 103 }
export const DOUBLE: Storage = { u: U, tiny: TINY, most: Number.MAX_VALUE }

/** Rounded once on leaving a primitive: u·|v| and half the smallest subnormal more. */
export function stored({ value, error }: Running, { u, tiny, most }: Storage): Running {
  const size = Math.abs(value.toNumber()) + error
  if (!(size < most)) return { value, error: Infinity }
  return running(value, (error + u * size + tiny) * SLACK)
}
