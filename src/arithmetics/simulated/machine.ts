import { fusedToOdd, quotientToOdd, rootToOdd, sumToOdd } from './exact-steps.ts'
import { roundingTo, type Format, type Overflow, type Round, type Rounding } from './formats.ts'

export const subnormalHandling = ['kept', 'flushed'] as const
/** Flushed: a result below the smallest normal float32 becomes a zero of its sign, after rounding; so does such an input. */
export type Subnormals = (typeof subnormalHandling)[number]

/** The operations of a floating-point unit: each takes float32 numbers, is exact inside, and rounds once. */
export interface Machine {
  /** What every operation does last. */
  readonly round: Round
  add(x: number, y: number): number
  subtract(x: number, y: number): number
  multiply(x: number, y: number): number
  /** x·y + z. */
  fused(x: number, y: number, z: number): number
  divide(x: number, y: number): number
  root(x: number): number
}

const SMALLEST_NORMAL = 2 ** -126

/** A machine whose results are of `format`, float32 or narrower. */
export function machine(
  format: Format,
  rounding: Rounding,
  subnormals: Subnormals,
  overflow: Overflow,
): Machine {
  const nearest = roundingTo(format, rounding, overflow)
  const round = subnormals === 'flushed' ? (x: number): number => flush(nearest(x)) : nearest
  if (format === 'float32' && rounding === 'nearest') return float32Machine(round)
  return {
    round,
    add: (x, y) => round(sumToOdd(x, y)),
    subtract: (x, y) => round(sumToOdd(x, -y)),
    multiply: (x, y) => round(x * y),
    fused: (x, y, z) => round(fusedToOdd(x, y, z)),
    divide: (x, y) => round(quotientToOdd(x, y)),
    root: (x) => round(rootToOdd(x)),
  }
}

/**
 * Rounded to nearest, float64 may stand between for every operation but the fused one: 53 ≥ 2·24 + 2 bits make the second rounding
 * harmless (Figueroa, "When is double rounding innocuous?", 1995).
 */
function float32Machine(round: Round): Machine {
  return {
    round,
    add: (x, y) => round(x + y),
    subtract: (x, y) => round(x - y),
    multiply: (x, y) => round(x * y),
    fused: (x, y, z) => round(fusedToOdd(x, y, z)),
    divide: (x, y) => round(x / y),
    root: (x) => round(Math.sqrt(x)),
  }
}

export function flush(x: number): number {
  if (x === 0 || !(Math.abs(x) < SMALLEST_NORMAL)) return x
  return x < 0 ? -0 : 0
}
