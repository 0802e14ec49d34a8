import { bigNumbers, type BigNumber, type BigNumbers } from './big-number.ts'

/** Digits kept beyond those asked for, against the roundings of a few hundred terms. */
const GUARD = 12

/**
 * erf(x) = 2/√π ∫₀ˣ e^(−t²) dt, to `digits` significant digits.
 * Near 0 by its series; further out as 1 − erfc(x), of which fewer digits matter the smaller it is.
 */
export function erf(x: BigNumber, digits: number): BigNumber {
  if (x.isNegative()) return erf(x.negated(), digits).negated()
  const big = bigNumbers(digits)
  if (x.isZero()) return big.of(0)
  if (x.lessThan(farFrom(digits))) return at(big, erfBySeries(x, digits + GUARD))
  return at(big, one(digits + GUARD).minus(erfc(x, Math.max(1, digits - lostBy(x)))))
}

/**
 * erfc(x) = 1 − erf(x), to `digits` significant digits of its own, however small it is.
 * For x up to `farFrom(digits)` from the series, with e^(−x²) as many digits more as the subtraction takes away; from
 * there on by the continued fraction.
 */
export function erfc(x: BigNumber, digits: number): BigNumber {
  const big = bigNumbers(digits)
  if (x.isNegative()) return at(big, one(digits + GUARD).plus(erf(x.negated(), digits + GUARD)))
  if (x.greaterThanOrEqualTo(farFrom(digits))) return at(big, erfcByFraction(x, digits + GUARD))
  const working = toStepsOf16(digits + GUARD + lostBy(x) + 2)
  return at(big, one(working).minus(erfBySeries(x, working)))
}

/**
 * erf(x) = 2x/√π · e^(−x²) · Σₙ (2x²)ⁿ / (1·3·…·(2n+1))          DLMF 7.6.2, all terms of one sign.
 * The sum is taken in whole numbers of 2^−bits, many times faster than in decimals: a term is cut by less than two
 * units, terms after it shrink or grow along with it, so the sum is good to `bits` but for log₂ of four times the number
 * of terms. For x > 0.
 */
export function erfBySeries(x: BigNumber, digits: number): BigNumber {
  const big = bigNumbers(digits)
  const z = big.of(x.toString())
  const square = z.times(z)
  const bits = BigInt(Math.ceil(digits * Math.log2(10)))
  const unit = big.of(1n << bits)
  const twice = BigInt(square.times(2).times(unit).toFixed(0))
  let term = 1n << bits
  let sum = term
  for (let n = 1n; term > sum >> bits; n++) {
    term = ((term * twice) >> bits) / (2n * n + 1n)
    sum += term
  }
  const series = big.of(sum).dividedBy(unit)
  return z.times(2).times(big.exp(square.negated())).times(series).dividedBy(big.sqrt(big.pi))
}

/**
 * √π e^(x²) erfc(x) = 2x/(2x²+1 − 1·2/(2x²+5 − 3·4/(2x²+9 − …)))          DLMF 7.9.3
 * by the modified algorithm of Lentz (DLMF 3.10(iii)), until a step changes nothing within `digits`. For x > 0, but
 * the smaller x, the more steps.
 */
export function erfcByFraction(x: BigNumber, digits: number): BigNumber {
  // e^(−x²) magnifies a relative error of x² by x² itself
  const big = bigNumbers(toStepsOf16(digits + 2 * Math.max(0, Math.min(x.e, 20))))
  const z = big.of(x.toString())
  const square = z.times(z)
  const tolerance = big.of(`1e-${digits}`)
  let b = square.times(2).plus(1)
  let f = b
  let c = b
  let d = big.of(0)
  for (let n = 1; ; n++) {
    const a = -(2 * n - 1) * (2 * n)
    b = b.plus(4)
    d = big.of(1).dividedBy(b.plus(d.times(a)))
    c = b.plus(big.of(a).dividedBy(c))
    const step = c.times(d)
    f = f.times(step)
    if (step.minus(1).abs().lessThan(tolerance)) break
  }
  return z.times(2).times(big.exp(square.negated())).dividedBy(f).dividedBy(big.sqrt(big.pi))
}

/**
 * From where on the continued fraction is quicker than the series (timed from 64 to 512 digits), or the series would
 * need more digits than there are.
 */
function farFrom(digits: number): number {
  return Math.min(0.1 * digits + 3, Math.sqrt(2 * (960 - digits)))
}

/** Digits between 1 and e^(−x²): erfc(x) lies between e^(−x²)/(2x + 2) and e^(−x²). */
function lostBy(x: BigNumber): number {
  return Math.floor(x.toNumber() ** 2 / Math.LN10)
}

function one(digits: number): BigNumber {
  return bigNumbers(digits).of(1)
}

function at(big: BigNumbers, x: BigNumber): BigNumber {
  return big.of(x.toString()).times(1)
}

/** Few precisions, since each is an instance of mathjs. */
function toStepsOf16(digits: number): number {
  return Math.ceil(digits / 16) * 16
}
