import { describe, expect, test } from 'vitest'
import { formats, roundingTo, type Format } from './formats.ts'

/** How each format lays out its bits: an independent definition, from which every number of it is listed. */
interface Layout {
  readonly exponentBits: number
  readonly mantissaBits: number
  /** Codes at the top that are no finite numbers. */
  readonly special: number
}

const layouts: Readonly<Record<Exclude<Format, 'float32'>, Layout>> = {
  // IEEE 754: the topmost exponent is for infinity and NaN
  tf32: { exponentBits: 8, mantissaBits: 10, special: 2 ** 10 },
  bf16: { exponentBits: 8, mantissaBits: 7, special: 2 ** 7 },
  fp16: { exponentBits: 5, mantissaBits: 10, special: 2 ** 10 },
  e5m2: { exponentBits: 5, mantissaBits: 2, special: 2 ** 2 },
  // OCP: only S.1111.111 is none
  e4m3: { exponentBits: 4, mantissaBits: 3, special: 1 },
}

/** Every non-negative finite number of the format, in the order of its code. */
function numbers({ exponentBits, mantissaBits, special }: Layout): number[] {
  const bias = 2 ** (exponentBits - 1) - 1
  return Array.from({ length: 2 ** (exponentBits + mantissaBits) - special }, (_, code) => {
    const [exponent, mantissa] = [Math.floor(code / 2 ** mantissaBits), code % 2 ** mantissaBits]
    return exponent === 0
      ? (mantissa / 2 ** mantissaBits) * 2 ** (1 - bias)
      : (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias)
  })
}

/** The float64 next to x > 0, above or below. */
function beside(x: number, step: 1n | -1n): number {
  const cell = new Float64Array([x])
  const bits = new BigInt64Array(cell.buffer)
  bits[0] += step
  return cell[0]
}

const narrow = formats.filter((format) => format !== 'float32')

describe.each(narrow)('%s', (format) => {
  const all = numbers(layouts[format])

  test('rounds to the nearest of all its numbers, ties to even, whatever the sign', () => {
    const round = roundingTo(format)
    let wrong = 0
    for (let code = 0; code + 1 < all.length; code++) {
      const [low, high] = [all[code], all[code + 1]]
      const middle = (low + high) / 2
      const even = code % 2 === 0 ? low : high
      const cases = [
        [low, low],
        [high, high],
        [middle, even],
        [beside(middle, -1n), low],
        [beside(middle, 1n), high],
      ]
      for (const [x, expected] of cases) {
        if (round(x) !== expected) wrong++
        if (round(-x) !== -expected) wrong++
      }
    }
    expect(wrong).toBe(0)
  })

  test('rounds in a direction to the neighbour there', () => {
    const [zero, up, down] = (['toward-zero', 'up', 'down'] as const).map((r) => roundingTo(format, r))
    let wrong = 0
    for (let code = 0; code + 1 < all.length; code++) {
      const [low, high] = [all[code], all[code + 1]]
      const inside = beside(high, -1n)
      for (const x of [inside, (low + high) / 2]) {
        if (zero(x) !== low || up(x) !== high || down(x) !== low) wrong++
        if (zero(-x) !== -low || up(-x) !== -low || down(-x) !== -high) wrong++
      }
      if (zero(low) !== low || up(low) !== low || down(-low) !== -low) wrong++
    }
    expect(wrong).toBe(0)
  })

  test('keeps zero, its sign, and NaN', () => {
    const round = roundingTo(format)
    expect(round(0)).toBe(0)
    expect(round(-0)).toBe(-0)
    expect(round(-1e-300)).toBe(-0)
    expect(round(NaN)).toBeNaN()
  })
})

/** The largest number, and the first beyond it that is nearer to what would come next. */
const ends = [
  ['tf32', (2 - 2 ** -10) * 2 ** 127, (2 - 2 ** -11) * 2 ** 127],
  ['bf16', (2 - 2 ** -7) * 2 ** 127, (2 - 2 ** -8) * 2 ** 127],
  ['fp16', 65504, 65520],
  ['e4m3', 448, 464],
  ['e5m2', 57344, 61440],
] as const

describe.each(ends)('%s at its end', (format, largest, limit) => {
  const beyond = format === 'e4m3' ? NaN : Infinity
  const ieee = roundingTo(format, 'nearest', 'ieee')

  test('is the largest number of the list', () => {
    expect(numbers(layouts[format]).at(-1)).toBe(largest)
  })

  test('overflows from the middle to what would come next', () => {
    expect(ieee(beside(limit, -1n))).toBe(largest)
    // 464 lies between 448, even, and 480, which e4m3 has not
    expect(ieee(limit)).toBe(format === 'e4m3' ? largest : beyond)
    expect(ieee(beside(limit, 1n))).toBe(beyond)
    expect(ieee(-Infinity)).toBe(format === 'e4m3' ? NaN : -Infinity)
  })

  test('saturates only where it is narrow', () => {
    const saturating = roundingTo(format)
    const isNarrow = format === 'e4m3' || format === 'e5m2'
    expect(saturating(2 * largest)).toBe(isNarrow ? largest : Infinity)
    expect(saturating(-Infinity)).toBe(isNarrow ? -largest : -Infinity)
  })

  test('stays finite in directions that point back', () => {
    expect(roundingTo(format, 'toward-zero', 'ieee')(2 * largest)).toBe(largest)
    expect(roundingTo(format, 'down', 'ieee')(2 * largest)).toBe(largest)
    expect(roundingTo(format, 'up', 'ieee')(2 * largest)).toBe(beyond)
    expect(roundingTo(format, 'up', 'ieee')(-2 * largest)).toBe(-largest)
  })
})

test('float32 to nearest is Math.fround', () => {
  expect(roundingTo('float32')).toBe(Math.fround)
})
