import { createRequire } from 'node:module'
import type * as Mathjs from 'mathjs'

/** A decimal number of mathjs; every operation rounds to the digits of the instance that made it. */
export type BigNumber = Mathjs.BigNumber

/** Decimal numbers of one precision. */
export interface BigNumbers {
  /** Significant digits that every operation rounds to. */
  readonly digits: number
  /** The number that decimal `text` says, all its digits; a whole number as it is. */
  of(text: string | bigint | number): BigNumber
  /** e^x, x made by this instance: mathjs computes with the digits of the number it is given. */
  exp(x: BigNumber): BigNumber
  /** The natural logarithm of x > 0. */
  ln(x: BigNumber): BigNumber
  /** The square root of x ≥ 0. */
  sqrt(x: BigNumber): BigNumber
  readonly pi: BigNumber
}

/** decimal.js, underneath mathjs, knows π and ln 10 to 1025 digits. */
const MOST_DIGITS = 1000

const instances = new Map<number, BigNumbers>()

/**
 * mathjs configured for `digits` significant digits. The library (half a second) is loaded by the first call and not
 * by importing this module, since most runs of the command need no exact number.
 * @throws RangeError unless 1 ≤ digits ≤ 1000
 */
export function bigNumbers(digits: number): BigNumbers {
  const known = instances.get(digits)
  if (known !== undefined) return known
  if (!Number.isSafeInteger(digits) || digits < 1 || digits > MOST_DIGITS) {
    throw new RangeError(`digits: expected a whole number from 1 to ${MOST_DIGITS}, found ${digits}`)
  }
  const made = configure(digits)
  instances.set(digits, made)
  return made
}

function configure(digits: number): BigNumbers {
  const mathjs: typeof Mathjs = createRequire(import.meta.url)('mathjs')
  const { create, bignumberDependencies, expDependencies, logDependencies, sqrtDependencies } = mathjs
  const math = create(
    { bignumberDependencies, expDependencies, logDependencies, sqrtDependencies },
    { number: 'BigNumber', precision: digits },
  )
  const positive = (x: BigNumber): BigNumber => {
    // mathjs would answer with a complex number, also for −0
    if (x.isZero()) return x.abs()
    if (x.isNegative()) throw new RangeError(`expected a number ≥ 0, found ${x.toString()}`)
    return x
  }
  return {
    digits,
    of: (text) => math.bignumber(String(text)),
    exp: (x) => math.exp(x),
    ln: (x) => math.log(positive(x)),
    sqrt: (x) => math.sqrt(positive(x)),
    pi: math.bignumber('-1').acos(),
  }
}
