import { bigNumbers, type BigNumber } from './big-number.ts'
import { erfc } from './erf.ts'

/** Digits kept beyond those asked for. */
const GUARD = 8

/**
 * GELU(x) = x·Φ(x) with Φ(x) = erfc(−x/√2)/2, to `digits` significant digits of its own: in the left tail, where
 * 1 + erf(x/√2) would cancel, erfc of a positive number is a small number and exact as one.
 */
export function geluOf(x: BigNumber, digits: number): BigNumber {
  if (x.isZero()) return x
  // erfc(t) magnifies a relative error of t by 2t²
  const working = digits + GUARD + 2 * Math.max(0, Math.min(x.e, 20))
  const big = bigNumbers(Math.ceil(working / 8) * 8)
  const z = big.of(x.toString())
  const phi = erfc(z.negated().dividedBy(big.sqrt(big.of(2))), big.digits).dividedBy(2)
  return bigNumbers(digits).of(z.times(phi).toString()).times(1)
}
