/**
 * A binary fraction mantissa · 2^exponent: what a float is, exactly. Sums and products of them are binary fractions
 * again, which whole numbers of any size (BigInt) can add and compare without rounding.
 */
export interface Dyadic {
  readonly mantissa: bigint
  readonly exponent: number
}

const FRACTION_BITS = 52
const SMALLEST_EXPONENT = -1074

/**
 * The exact value of a float64 (a float32 is one).
 * @throws RangeError for NaN and infinities
 */
export function dyadic(x: number): Dyadic {
  if (!Number.isFinite(x)) throw new RangeError(`dyadic: expected a finite number, found ${x}`)
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> BigInt(FRACTION_BITS)) & 0x7ffn)
  const fraction = bits & ((1n << BigInt(FRACTION_BITS)) - 1n)
  const magnitude = biased === 0 ? fraction : fraction | (1n << BigInt(FRACTION_BITS))
  const exponent = SMALLEST_EXPONENT + Math.max(0, biased - 1)
  return reduced({ mantissa: bits >> 63n === 0n ? magnitude : -magnitude, exponent })
}

/** a · b, without rounding. */
export function product(a: Dyadic, b: Dyadic): Dyadic {
  return { mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent }
}

/** a + b, without rounding. */
export function sum(a: Dyadic, b: Dyadic): Dyadic {
  const exponent = Math.min(a.exponent, b.exponent)
  return { mantissa: aligned(a, exponent) + aligned(b, exponent), exponent }
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compare(a: Dyadic, b: Dyadic): number {
  const exponent = Math.min(a.exponent, b.exponent)
  const [left, right] = [aligned(a, exponent), aligned(b, exponent)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** All decimal digits: m · 2^−k is m · 5^k · 10^−k. */
export function decimalText(x: Dyadic): string {
  const { mantissa, exponent } = reduced(x)
  if (exponent >= 0) return `${mantissa << BigInt(exponent)}`
  return `${mantissa * powerOfFive(-exponent)}e${exponent}`
}

function aligned({ mantissa, exponent }: Dyadic, to: number): bigint {
  return mantissa << BigInt(exponent - to)
}

/** The same number with an odd mantissa; zero with exponent 0. */
function reduced({ mantissa, exponent }: Dyadic): Dyadic {
  if (mantissa === 0n) return { mantissa, exponent: 0 }
  let [odd, raised] = [mantissa, exponent]
  while (BigInt.asUintN(32, odd) === 0n) {
    odd >>= 32n
    raised += 32
  }
  while ((odd & 1n) === 0n) {
    odd >>= 1n
    raised += 1
  }
  return { mantissa: odd, exponent: raised }
}

const powersOfFive = new Map<number, bigint>()

function powerOfFive(k: number): bigint {
  const known = powersOfFive.get(k)
  if (known !== undefined) return known
  const power = 5n ** BigInt(k)
  powersOfFive.set(k, power)
  return power
}
