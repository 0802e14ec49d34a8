import erfc from '@stdlib/math-base-special-erfc'
import exponential from '@stdlib/math-base-special-exp'
import ln from '@stdlib/math-base-special-ln'
import { functionError, phaseInBinade, type FunctionError } from './function-error.ts'
import type { Machine } from './machine.ts'

export const erfs = ['library', 'abramowitz-stegun'] as const
export const divisions = ['exact', 'reciprocal'] as const

/** The functions a runtime calls. */
export interface Functions {
  exp(x: number): number
  log(x: number): number
  /** x / y: rounded once, or x·(1/y), rounded twice. */
  divide(x: number, y: number): number
  inverseRoot(x: number): number
  erf(x: number): number
}

export interface FunctionDesign {
  readonly divide: (typeof divisions)[number]
  readonly erf: (typeof erfs)[number]
  readonly expError: FunctionError
  readonly logError: FunctionError
  readonly rsqrtError: FunctionError
  readonly erfError: FunctionError
}

/** Each function exact inside, its declared error added, then rounded once by the machine. */
export function functions(m: Machine, design: FunctionDesign): Functions {
  const off = (
    exact: (x: number) => number,
    declared: FunctionError,
    phase: (x: number) => number,
  ): ((x: number) => number) => {
    const error = functionError(declared, phase)
    if (error === undefined) return (x) => m.round(exact(x))
    return (x) => {
      const value = exact(x)
      return m.round(value + error(x, value))
    }
  }
  const exp = off(exponential, design.expError, (x) => x * Math.LOG2E)
  const exactRsqrt = functionError(design.rsqrtError, phaseInBinade) === undefined
  return {
    exp,
    log: off(ln, design.logError, phaseInBinade),
    divide: design.divide === 'exact' ? m.divide : (x, y) => m.multiply(x, m.divide(1, y)),
    // without a declared error, what a library does: a root, then a division
    inverseRoot: exactRsqrt
      ? (x) => m.divide(1, m.root(x))
      : off((x) => 1 / Math.sqrt(x), design.rsqrtError, phaseInBinade),
    erf:
      design.erf === 'library'
        ? saturating(
            // 1 − erfc keeps 16 digits after the point, and all that uses it adds 1
            off(
              (x) => 1 - erfc(x),
              design.erfError,
              (x) => x,
            ),
          )
        : (x) => abramowitzStegun(m, exp, x),
  }
}

/** From here on erf is 1 in float32. */
const SATURATED = 3.92

/** Whatever an implementation's error, none passes 1, and all are 1 where float32 has nothing nearer. */
function saturating(erf: (x: number) => number): (x: number) => number {
  return (x) => (Math.abs(x) >= SATURATED ? Math.sign(x) : Math.max(-1, Math.min(1, erf(x))))
}

/**
 * erf x = 1 − (a₁t + … + a₅t⁵)·exp(−x²), t = 1/(1 + px), for x ≥ 0, odd: Abramowitz and Stegun, "Handbook of Mathematical
 * Functions", 7.1.26, every step rounded. The formula is good to 1.5e-7 absolute.
 */
function abramowitzStegun(m: Machine, exp: (x: number) => number, x: number): number {
  const z = Math.abs(x)
  const t = m.divide(1, m.add(1, m.multiply(m.round(0.3275911), z)))
  let polynomial = m.round(1.061405429)
  for (const a of [-1.453152027, 1.421413741, -0.284496736, 0.254829592]) {
    polynomial = m.add(m.multiply(polynomial, t), m.round(a))
  }
  const value = m.subtract(1, m.multiply(m.multiply(polynomial, t), exp(-m.multiply(z, z))))
  return x < 0 ? -value : value
}
