import { bigNumbers, type BigNumber } from './big-number.ts'
import { decimalText, dyadic } from './dyadic.ts'
import {
  addedExactly,
  either,
  magnitude,
  magnitudeAtLeast,
  multipliedExactly,
  NONE,
  roundingOf,
} from './error-bounds.ts'

/**
 * A number known up to an error: |value − truth| ≤ 10^error, or value = truth where error is −∞. Every operation adds
 * to the bound what it may have made of its operands' errors and its own rounding; one that rounds nothing keeps exact
 * numbers exact, so that a sum which is half-way between two floats is known to be.
 */
export class Ball {
  readonly digits: number
  readonly value: BigNumber
  /** log₁₀ of the bound. */
  readonly error: number

  constructor(digits: number, value: BigNumber, error: number) {
    this.digits = digits
    this.value = value
    // 0/0 is no number for certain; what is unknown (an error of +∞, or of 0·∞) stays unknown
    this.error = value.isFinite()
      ? Number.isNaN(error)
        ? Infinity
        : error
      : error === Infinity
        ? error
        : NONE
  }

  get isExact(): boolean {
    return this.error === NONE
  }

  /** Whether this is 0 and nothing else. */
  get isZero(): boolean {
    return this.isExact && this.value.isZero()
  }

  /** Another number of this precision: float64 `x`, exactly. */
  constant(x: number): Ball {
    return exactly(x, this.digits)
  }

  negated(): Ball {
    return new Ball(this.digits, this.value.negated(), this.error)
  }

  plus(other: Ball): Ball {
    const value = this.value.plus(other.value)
    const inherited = either(this.error, other.error)
    if (inherited === NONE && addedExactly(this.value, other.value, value, this.digits)) {
      return new Ball(this.digits, value, NONE)
    }
    return new Ball(this.digits, value, either(inherited, roundingOf(value, this.digits)))
  }

  minus(other: Ball): Ball {
    return this.plus(other.negated())
  }

  /** |ab − a′b′| ≤ |a|·|b − b′| + |b|·|a − a′| + |a − a′|·|b − b′|. */
  times(other: Ball): Ball {
    const value = this.value.times(other.value)
    if (this.isZero || other.isZero) return new Ball(this.digits, value, NONE)
    if (this.isExact && other.isExact && multipliedExactly(this.value, other.value, this.digits)) {
      return new Ball(this.digits, value, NONE)
    }
    const ofOther = magnitude(this.value) + other.error
    const ofThis = magnitude(other.value) + this.error
    const inherited = either(either(ofOther, ofThis), this.error + other.error)
    return new Ball(this.digits, value, either(inherited, roundingOf(value, this.digits)))
  }

  /** |a/b − a′/b′| ≤ (|a − a′| + |a/b|·|b − b′|) / |b′|; b′ may be half of b, or if it may be 0 nothing is known. */
  dividedBy(other: Ball): Ball {
    const value = this.value.dividedBy(other.value)
    const divisor = magnitudeAtLeast(other.value) - (other.isExact ? 0 : Math.log10(2))
    const unbounded = other.error > divisor
    if (this.isZero && !unbounded) return new Ball(this.digits, value, NONE)
    const back = this.isExact && other.isExact && multipliedExactly(value, other.value, this.digits)
    if (back && value.times(other.value).equals(this.value)) return new Ball(this.digits, value, NONE)
    const inherited = either(this.error, magnitude(value) + other.error)
    const error = unbounded ? Infinity : inherited - divisor
    return new Ball(this.digits, value, either(error, roundingOf(value, this.digits)))
  }
}

/** The float64 (or float32) `x` as it is, all its binary digits; decimal.js itself would take its shortest text. */
export function exactly(x: number, digits: number): Ball {
  return new Ball(digits, bigNumbers(digits).of(decimalText(dyadic(x))), NONE)
}

/** Σ of one term or more. */
export function sum(count: number, term: (index: number) => Ball): Ball {
  let total = term(0)
  for (let index = 1; index < count; index++) total = total.plus(term(index))
  return total
}
