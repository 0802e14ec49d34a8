/** Number formats that a runtime stores tensors in or feeds to its matrix units. All are subsets of float32. */
export const formats = ['float32', 'tf32', 'bf16', 'fp16', 'e4m3', 'e5m2'] as const
export type Format = (typeof formats)[number]

export const roundings = ['nearest', 'toward-zero', 'up', 'down'] as const
/** The four directions of IEEE 754; nearest means ties to even. */
export type Rounding = (typeof roundings)[number]

export const overflows = ['saturate', 'ieee'] as const
/**
 * What an fp8 number too large becomes: the largest finite one, also for infinities (OCP's saturating mode, the only one that
 * conversions in hardware have), or infinity, which e4m3 does not have, hence NaN there. The wider formats overflow as IEEE 754 says.
 */
export type Overflow = (typeof overflows)[number]

interface FormatSpec {
  /** Significant bits, the implicit one among them. */
  readonly precision: number
  /** Exponent of the smallest normal number. */
  readonly least: number
  readonly largest: number
}

/**
 * tf32: NVIDIA's, the range of float32 and the precision of fp16. e4m3, e5m2: OCP OFP8, where e4m3 has no infinity and gives up only
 * one significand of its top binade, so that 448 = 1.75·2⁸ is its largest.
 */
const specs: Readonly<Record<Format, FormatSpec>> = {
  float32: { precision: 24, least: -126, largest: (2 - 2 ** -23) * 2 ** 127 },
  tf32: { precision: 11, least: -126, largest: (2 - 2 ** -10) * 2 ** 127 },
  bf16: { precision: 8, least: -126, largest: (2 - 2 ** -7) * 2 ** 127 },
  fp16: { precision: 11, least: -14, largest: 65504 },
  e4m3: { precision: 4, least: -6, largest: 448 },
  e5m2: { precision: 3, least: -14, largest: 57344 },
}

/** Rounds a float64 to a format, once. */
export type Round = (x: number) => number

/**
 * Rounding to `format`, subnormals included. As if the exponent were unbounded first: what then lies beyond the largest finite number
 * overflows, or stays there where the direction points back to zero.
 */
export function roundingTo(
  format: Format,
  rounding: Rounding = 'nearest',
  overflow: Overflow = 'saturate',
): Round {
  if (format === 'float32') return rounding === 'nearest' ? Math.fround : (x) => directed(x, rounding)
  const { precision, least, largest } = specs[format]
  const narrow = format === 'e4m3' || format === 'e5m2'
  const saturates = narrow && overflow === 'saturate'
  const beyond = format === 'e4m3' ? NaN : Infinity
  const toInteger = integerRounding(rounding)
  return (x) => {
    if (x === 0 || Number.isNaN(x)) return x
    const infinite = Math.abs(x) === Infinity
    if (!infinite) {
      const quantum = 2 ** (Math.max(exponentOf(x), least) - precision + 1)
      const rounded = toInteger(x / quantum) * quantum
      // what rounds to zero keeps its sign
      if (rounded === 0) return x < 0 ? -0 : 0
      if (Math.abs(rounded) <= largest) return rounded
    }
    const towardsZero = rounding === 'toward-zero' || rounding === (x > 0 ? 'down' : 'up')
    if (saturates || (towardsZero && !infinite)) return Math.sign(x) * largest
    return Math.sign(x) * beyond
  }
}

const cell = new Float64Array(1)
const words = new Uint32Array(cell.buffer)
/** Which of the two words holds the exponent; little-endian everywhere that V8 runs, but asked rather than assumed. */
const HIGH: number = new Uint8Array(Uint16Array.of(1).buffer)[0]

/** ⌊log₂|x|⌋ of a finite x ≠ 0; for what float64 itself holds as a subnormal, −1023. */
export function exponentOf(x: number): number {
  cell[0] = x
  return ((words[HIGH] >>> 20) & 0x7ff) - 1023
}

/** The distance between neighbouring float32 numbers at x. */
export function ulpAt(x: number): number {
  return 2 ** (Math.max(x === 0 ? -126 : exponentOf(x), -126) - 23)
}

const float = new Float32Array(1)
const floatBits = new Int32Array(float.buffer)

/** The float32 next to x on that side, or x: the nearest one, and its neighbour where that lies beyond x. */
function directed(x: number, rounding: Exclude<Rounding, 'nearest'>): number {
  float[0] = x
  const nearest = float[0]
  if (nearest === x || Number.isNaN(x)) return nearest
  const upwards = rounding === 'up' || (rounding === 'toward-zero' && x < 0)
  if (nearest > x === upwards) return nearest
  // what is not exact is not 0 itself, but it may have been rounded there
  if (nearest === 0) return upwards ? 2 ** -149 : -(2 ** -149)
  floatBits[0] += nearest > 0 === upwards ? 1 : -1
  return float[0]
}

function integerRounding(rounding: Rounding): Round {
  if (rounding === 'toward-zero') return Math.trunc
  if (rounding === 'up') return Math.ceil
  if (rounding === 'down') return Math.floor
  return (x) => {
    const below = Math.floor(x)
    const rest = x - below
    if (rest === 0.5) return below % 2 === 0 ? below : below + 1
    return rest < 0.5 ? below : below + 1
  }
}
