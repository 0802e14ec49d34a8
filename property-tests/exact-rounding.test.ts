import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bigNumbers, type BigNumber } from '../reference/exact/numbers/big-number.ts'
import { decimalText, dyadic } from '../reference/exact/numbers/dyadic.ts'
import { FLOAT32, FLOAT64, toFloat } from '../reference/exact/numbers/to-float.ts'
import { parameters } from './seed.ts'

const RUNS = 1000

/** Digits enough for any float64 and the middle of any two. */
const { of } = bigNumbers(900)

const exact = (x: number): BigNumber => of(decimalText(dyadic(x)))

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true })
const float64 = fc.double({ noNaN: true, noDefaultInfinity: true })
/** Doubles of a magnitude that float32 has. */
const near32 = fc.double({ min: -1e39, max: 1e39, noNaN: true })
/** Doubles where float32 is subnormal. */
const small32 = fc.double({ min: -1e-37, max: 1e-37, noNaN: true })

/** The next float32 away from zero, by its bits. */
function next32(x: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, x)
  view.setUint32(0, view.getUint32(0) + 1)
  return view.getFloat32(0)
}

function evenLastBit(x: number): boolean {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, x)
  return view.getUint32(0) % 2 === 0
}

test('every float is its own rounding', () => {
  fc.assert(
    fc.property(float32, (x) => {
      expect(toFloat(exact(x), FLOAT32) + 0).toBe(x + 0)
    }),
    parameters(RUNS),
  )
  fc.assert(
    fc.property(float64, (x) => {
      expect(toFloat(exact(x), FLOAT64) + 0).toBe(x + 0)
    }),
    parameters(RUNS),
  )
})

test('agrees with Math.fround, which rounds a float64 once', () => {
  fc.assert(
    fc.property(fc.oneof(near32, small32, float64), (x) => {
      // a zero has lost its sign on the way into decimals
      expect(toFloat(exact(x), FLOAT32)).toBe(x === 0 ? 0 : Math.fround(x))
    }),
    parameters(RUNS),
  )
})

test('agrees with the number parser, which rounds decimal text to float64 once', () => {
  const text = fc
    .tuple(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.integer({ min: -370, max: 300 }))
    .map(([mantissa, exponent]) => `${mantissa}e${exponent}`)
  fc.assert(
    fc.property(text, (written) => {
      expect(toFloat(of(written), FLOAT64)).toBe(Number(written))
    }),
    parameters(RUNS),
  )
})

test('the middle of two floats goes to the even one, and 10⁻⁴⁰ of it next to it decides', () => {
  const positive = fc.float({ min: 0, max: 2 ** 127, noNaN: true }).filter((x) => !Object.is(x, -0))
  fc.assert(
    fc.property(positive, (x) => {
      const next = next32(x)
      const middle = exact(x).plus(exact(next)).dividedBy(2)
      const sliver = middle.times('1e-40')
      expect(toFloat(middle, FLOAT32)).toBe(evenLastBit(x) ? x : next)
      expect(toFloat(middle.minus(sliver), FLOAT32)).toBe(x)
      expect(toFloat(middle.plus(sliver), FLOAT32)).toBe(next)
    }),
    parameters(RUNS),
  )
})

test('keeps order', () => {
  fc.assert(
    fc.property(near32, near32, (x, y) => {
      const [low, high] = x < y ? [x, y] : [y, x]
      expect(toFloat(exact(low), FLOAT32)).toBeLessThanOrEqual(toFloat(exact(high), FLOAT32))
    }),
    parameters(RUNS),
  )
})
