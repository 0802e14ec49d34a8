import { describe, expect, test } from 'vitest'
import { Ball, exactly } from './numbers/ball.ts'
import { bigNumbers } from './numbers/big-number.ts'
import { signOf, unknown } from './numbers/sign.ts'
import { FLOAT32, FLOAT64 } from './numbers/to-float.ts'
import { certainFloat, evenNeighbour, roundedEnds } from './rounding.ts'

const ball = (text: string, error: number): Ball => new Ball(64, bigNumbers(64).of(text), error)

describe('the ends of a ball', () => {
  test('of an exact number are its rounding', () => {
    expect(roundedEnds(exactly(0.1, 64), FLOAT32)).toEqual({ low: Math.fround(0.1), high: Math.fround(0.1) })
  })

  test('lie twice the bound away, the bound rounded up to a power of ten', () => {
    // float64 about 2 is good to 4e-16
    expect(roundedEnds(ball('2', -12.5), FLOAT64)).toEqual({ low: 2 - 2e-12, high: 2 + 2e-12 })
    expect(roundedEnds(ball('2', -20), FLOAT64)).toEqual({ low: 2, high: 2 })
  })

  test('of what is not known are everywhere', () => {
    expect(roundedEnds(unknown(exactly(1, 64)), FLOAT32)).toEqual({ low: -Infinity, high: Infinity })
  })

  test('of a bound that no decimal holds are the number', () => {
    expect(roundedEnds(ball('1', -5e15), FLOAT32)).toEqual({ low: 1, high: 1 })
  })
})

test('a float is certain if both ends round to it, and a zero whatever its sign', () => {
  expect(certainFloat({ low: 1, high: 1 })).toBe(1)
  expect(certainFloat({ low: NaN, high: NaN })).toBeNaN()
  expect(certainFloat({ low: -0, high: -0 })).toBe(-0)
  expect(certainFloat({ low: -0, high: 0 })).toBe(0)
  expect(certainFloat({ low: 1, high: 1 + 2 ** -23 })).toBeUndefined()
})

test.each([
  [1, 1 + 2 ** -23, FLOAT32, 1],
  [1 + 2 ** -23, 1 + 2 ** -22, FLOAT32, 1 + 2 ** -22],
  [1 - 2 ** -24, 1, FLOAT32, 1],
  [-(2 ** -149), 0, FLOAT32, 0],
  [-0, 2 ** -149, FLOAT32, -0],
  [-1 - 2 ** -23, -1, FLOAT32, -1],
  [1, 1 + 2 ** -22, FLOAT32, undefined],
  [1, 1, FLOAT32, undefined],
  [1, 1 + 2 ** -23, FLOAT64, undefined],
  [1, 1 + 2 ** -52, FLOAT64, 1],
  [1 + 2 ** -52, 1 + 2 ** -51, FLOAT64, 1 + 2 ** -51],
])('of %d and %d in %o the even one is %d', (low, high, format, expected) => {
  expect(evenNeighbour({ low, high }, format)).toBe(expected)
})

test.each([
  ['2', -1, 1],
  ['-2', -1, -1],
  ['2', 0.4, undefined],
  ['-2', 0.4, undefined],
  ['0', -60, undefined],
  ['0', -Infinity, 0],
  ['3', -Infinity, 1],
  ['NaN', -1, undefined],
  ['Infinity', -1, undefined],
])('the sign of %s ± 10^%d is %d', (value, error, expected) => {
  expect(signOf(ball(value, error))).toBe(expected)
})

test('decimals have from 1 to 1000 digits, and no roots or logarithms below 0', () => {
  for (const digits of [0, -1, 1.5, NaN, 1001]) {
    expect(() => bigNumbers(digits)).toThrow(
      `digits: expected a whole number from 1 to 1000, found ${digits}`,
    )
  }
  expect(bigNumbers(1000).digits).toBe(1000)
  const { of, sqrt, ln, pi } = bigNumbers(30)
  expect(() => sqrt(of('-2'))).toThrow('expected a number ≥ 0, found -2')
  expect(() => ln(of('-2'))).toThrow(RangeError)
  expect(sqrt(of('-0')).toNumber()).toBe(0)
  expect(ln(of('-0')).toNumber()).toBe(-Infinity)
  expect(pi.toString()).toBe('3.14159265358979323846264338328')
})
