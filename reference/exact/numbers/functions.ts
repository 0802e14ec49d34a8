import { Ball } from './ball.ts'
import { bigNumbers, type BigNumber } from './big-number.ts'
import { either, magnitude, magnitudeAtLeast, multipliedExactly, NONE, roundingOf } from './error-bounds.ts'
import { geluOf } from './gelu.ts'

/** √x. |√x − √x′| ≤ |x − x′| / √x, and ≤ √|x − x′| however small x is. */
export function sqrt(x: Ball): Ball {
  const value = bigNumbers(x.digits).sqrt(x.value)
  if (x.isExact && multipliedExactly(value, value, x.digits) && value.times(value).equals(x.value)) {
    return new Ball(x.digits, value, NONE)
  }
  const inherited = value.isZero() ? x.error / 2 : Math.min(x.error - magnitudeAtLeast(value), x.error / 2)
  return new Ball(x.digits, value, either(inherited, roundingOf(value, x.digits)))
}

/**
 * e^x. |e^x − e^x′| ≤ e^x·2|x − x′| while |x − x′| ≤ 1; beyond, both lie between 0 and e^(x + |x − x′|).
 */
export function exp(x: Ball): Ball {
  const value = bigNumbers(x.digits).exp(x.value)
  if (x.isZero) return new Ball(x.digits, value, NONE)
  const near = magnitude(value) + x.error + Math.log10(2)
  const inherited = x.error <= 0 ? near : farthest(x) / Math.LN10
  return new Ball(x.digits, value, either(inherited, roundingOf(value, x.digits)))
}

/** x + |x − x′| from above. */
function farthest({ value, error }: Ball): number {
  const middle = value.toNumber()
  return middle + 1e-15 * Math.abs(middle) + 10 ** error + 1
}

/**
 * ln(1 + x) for x ≥ 0, with the digits of a small x kept: as x − x²/2 + x³/3 where the next term is beyond the digits,
 * else with more digits for 1 + x. |ln(1 + x) − ln(1 + x′)| ≤ 2|x − x′| while 1 + x′ is at least ½.
 */
export function log1p(x: Ball): Ball {
  if (x.isZero || !x.value.isFinite()) return x
  const value = x.value.isZero() ? x.value : log1pOf(x.value, x.digits)
  const inherited = x.error < -1 ? x.error + Math.log10(2) : Infinity
  return new Ball(x.digits, value, either(x.isExact ? NONE : inherited, roundingOf(value, x.digits)))
}

function log1pOf(x: BigNumber, digits: number): BigNumber {
  const big = bigNumbers(digits + 8)
  const small = big.of(x.toString())
  if (3 * x.e < -(digits + 8)) {
    const series = small.minus(small.times(small).dividedBy(2)).plus(small.pow(3).dividedBy(3))
    return rounded(series, digits)
  }
  const wide = bigNumbers(digits + 8 + Math.max(0, -x.e))
  return rounded(wide.ln(wide.of(x.toString()).plus(1)), digits)
}

/**
 * GELU(x) = x·Φ(x). Its slope never exceeds 1.13. For x ≤ −1.5 it is at most |x|·φ(x), and φ(x) ≤ 1.5·|GELU(x)|; a move
 * of x by no more than 1/(2|x|) makes that at most 8·|x|·|GELU(x)|, which keeps the left tail's digits.
 */
export function gelu(x: Ball): Ball {
  if (x.isZero || !x.value.isFinite()) return x
  const value = geluOf(x.value, x.digits)
  const steepest = x.error + Math.log10(1.13)
  const inTail = x.value.lessThan(-1.5) && magnitude(x.value) + x.error < -Math.log10(2)
  const tail = magnitude(value) + magnitude(x.value) + x.error + Math.log10(8)
  const inherited = inTail ? Math.min(steepest, tail) : steepest
  return new Ball(x.digits, value, either(inherited, roundingOf(value, x.digits)))
}

function rounded(x: BigNumber, digits: number): BigNumber {
  return bigNumbers(digits).of(x.toString()).times(1)
}
