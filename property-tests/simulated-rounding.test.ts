import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roundings, type Rounding } from '../src/arithmetics/simulated/formats.ts'
import { machine } from '../src/arithmetics/simulated/machine.ts'
import { parameters } from './seed.ts'

/** A rational number n/d, d > 0: what the operations would give without rounding. */
interface Rational {
  readonly n: bigint
  readonly d: bigint
}

const SCALE = 1100n

/** A float64 as a whole multiple of 2⁻¹¹⁰⁰. */
function whole(x: number): bigint {
  const bits = new BigInt64Array(new Float64Array([x]).buffer)[0]
  const exponent = (bits >> 52n) & 0x7ffn
  const mantissa = (bits & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n)
  const shift = (exponent === 0n ? 1n : exponent) - 1075n + SCALE
  const magnitude = mantissa << shift
  return bits < 0n ? -magnitude : magnitude
}

const ONE = 1n << SCALE

/** The sign of x − r. */
function compare(x: Rational, r: number): number {
  const difference = x.n * ONE - whole(r) * x.d
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}

/** The float32 above (or below) a finite one. */
function next(x: number, direction: 1 | -1): number {
  const cell = new Float32Array([x])
  const bits = new Int32Array(cell.buffer)
  if (cell[0] === 0) return direction * 2 ** -149
  bits[0] += cell[0] > 0 === direction > 0 ? 1 : -1
  return cell[0]
}

const LARGEST = Math.fround(3.4028234663852886e38)

/** Whether `r` is x rounded to float32: between its neighbours on the right side, and of two as near the even one. */
function isRounded(x: Rational, r: number, rounding: Rounding): boolean {
  if (Math.abs(r) > LARGEST) return isOverflow(x, r, rounding)
  const side = compare(x, r)
  if (side === 0) return true
  const towardsZero = x.n > 0n ? 'down' : 'up'
  const direction = rounding === 'toward-zero' ? towardsZero : rounding
  if (direction === 'down') return side > 0 && (r === LARGEST || compare(x, next(r, 1)) < 0)
  if (direction === 'up') return side < 0 && (r === -LARGEST || compare(x, next(r, -1)) > 0)
  const other = next(r, side > 0 ? 1 : -1)
  // of x and the middle of r and its neighbour, in float64 exact
  const middle = compare(x, r / 2 + (Math.abs(other) === Infinity ? (r / LARGEST) * 2 ** 127 : other / 2))
  return middle === 0 ? (new Int32Array(new Float32Array([r]).buffer)[0] & 1) === 0 : middle !== side
}

function isOverflow(x: Rational, r: number, rounding: Rounding): boolean {
  if (compare(x, Math.sign(r) * LARGEST) !== Math.sign(r)) return false
  if (rounding === 'toward-zero') return false
  if (rounding !== 'nearest') return (rounding === 'up') === r > 0
  return compare(x, Math.sign(r) * (2 - 2 ** -24) * 2 ** 127) * Math.sign(r) >= 0
}

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true })
/** Few bits set, so that sums and products come close to, and to, the middle of two numbers. */
const fewBits = fc
  .tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: -60, max: 60 }),
    fc.integer({ min: 1, max: 26 }),
    fc.boolean(),
  )
  .map(([kind, exponent, apart, negative]) => {
    const size = Math.fround((1 + (kind - 1) * 2 ** -apart) * 2 ** exponent)
    return negative ? -size : size
  })
const numbers = fc.oneof(anyFloat, fewBits)

describe.each(roundings)('rounding %s', (rounding) => {
  const m = machine('float32', rounding, 'kept', 'saturate')
  const holds = (property: fc.IPropertyWithHooks<[number, number, number]>): void =>
    fc.assert(property, parameters(3000))
  const three = (
    check: (x: number, y: number, z: number) => boolean,
  ): fc.IPropertyWithHooks<[number, number, number]> => fc.property(numbers, numbers, numbers, check)

  test('a sum is rounded once', () => {
    holds(three((x, y) => isRounded({ n: whole(x) + whole(y), d: ONE }, m.add(x, y), rounding)))
    holds(three((x, y) => isRounded({ n: whole(x) - whole(y), d: ONE }, m.subtract(x, y), rounding)))
  })

  test('a product is rounded once', () => {
    holds(three((x, y) => isRounded({ n: whole(x) * whole(y), d: ONE * ONE }, m.multiply(x, y), rounding)))
  })

  test('a fused multiply-add is rounded once', () => {
    holds(
      three((x, y, z) => {
        const exact = { n: whole(x) * whole(y) + whole(z) * ONE, d: ONE * ONE }
        return isRounded(exact, m.fused(x, y, z), rounding)
      }),
    )
  })

  test('a quotient is rounded once', () => {
    holds(
      three((x, y) => {
        fc.pre(y !== 0)
        const [n, d] = [whole(x), whole(y)]
        return isRounded(d < 0n ? { n: -n, d: -d } : { n, d }, m.divide(x, y), rounding)
      }),
    )
  })

  test('a root is rounded once', () => {
    const squared = (r: number): Rational => ({ n: whole(r) ** 2n, d: ONE * ONE })
    fc.assert(
      fc.property(numbers.map(Math.abs), (x) => {
        const r = m.root(x)
        if (x === 0) return r === 0
        // √x lies between the neighbours of r; halfway it never is, since its square has too many bits
        const side = -compare(squared(r), x)
        if (side === 0) return true
        if (rounding === 'up') return side < 0 && compare(squared(next(r, -1)), x) < 0
        if (rounding !== 'nearest') return side > 0 && compare(squared(next(r, 1)), x) > 0
        const middle = (r + next(r, side > 0 ? 1 : -1)) / 2
        return -compare(squared(middle), x) !== side
      }),
      parameters(3000),
    )
  })
})

test('a fused multiply-add is not a float64 one rounded again, and the check notices', () => {
  // 2⁻²⁴(1 − 2⁻⁴⁶) from just below the middle of 1 + 2⁻²³ and its even neighbour; float64 rounds the sum to the middle
  const [x, y, z] = [2 ** -12 * (1 + 2 ** -23), 2 ** -12 * (1 - 2 ** -23), 1 + 2 ** -23]
  const exact = { n: whole(x) * whole(y) + whole(z) * ONE, d: ONE * ONE }
  const twice = Math.fround(x * y + z)
  expect(twice).toBe(1 + 2 ** -22)
  expect(isRounded(exact, twice, 'nearest')).toBe(false)
  expect(machine('float32', 'nearest', 'kept', 'saturate').fused(x, y, z)).toBe(z)
})

test('flushed subnormals become a zero of their sign', () => {
  const m = machine('float32', 'nearest', 'flushed', 'saturate')
  expect(m.multiply(2 ** -100, 2 ** -30)).toBe(0)
  expect(m.multiply(-(2 ** -100), 2 ** -30)).toBe(-0)
  expect(m.multiply(2 ** -100, 2 ** -26)).toBe(2 ** -126)
})
