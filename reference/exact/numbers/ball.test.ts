import { describe, expect, test } from 'vitest'
import { exactly, sum, type Ball } from './ball.ts'
import { bigNumbers } from './big-number.ts'
import { exp, gelu, log1p, sqrt } from './functions.ts'

const of = (x: number, digits = 64): Ball => exactly(x, digits)
/** Something whose digits do not end. */
const third = of(1).dividedBy(of(3))

test('a float is taken with all its binary digits, not by its shortest text', () => {
  expect(of(0.1).value.toString()).toBe('0.1000000000000000055511151231257827021181583404541015625')
  expect(
    of(-(2 ** -149))
      .value.times(bigNumbers(64).of(2n ** 149n))
      .toNumber(),
  ).toBe(-1)
  expect(() => of(Infinity)).toThrow(RangeError)
})

describe('exact stays exact', () => {
  test.each([
    ['a sum', () => of(1).plus(of(2 ** -60))],
    ['a difference that cancels', () => of(0.1).minus(of(0.1))],
    ['a product', () => of(Math.fround(0.1)).times(of(Math.fround(0.3)))],
    ['zero times anything', () => of(0).times(third)],
    ['zero divided by anything', () => of(0).dividedBy(third)],
    ['a quotient that ends', () => of(3).dividedBy(of(8))],
    ['the root of a square', () => sqrt(of(6.25))],
    ['e^0', () => exp(of(0))],
    ['ln(1 + 0)', () => log1p(of(0))],
    ['GELU(0)', () => gelu(of(0))],
  ])('%s', (_, make) => {
    expect(make().isExact).toBe(true)
  })
})

describe('what was rounded says so', () => {
  test.each([
    ['a quotient that does not end', () => third],
    ['a sum of numbers too far apart', () => of(1).plus(of(1e-300))],
    ['a product of too many digits', () => of(0.1).times(of(0.1))],
    ['what came from such numbers, even if it looks whole', () => third.times(of(3)).plus(of(0))],
    ['an irrational root', () => sqrt(of(2))],
    ['e^1', () => exp(of(1))],
  ])('%s', (_, make) => {
    const ball = make()
    expect(ball.isExact).toBe(false)
    expect(ball.error).toBeLessThan(-60)
  })

  test('too few digits for a number that ends', () => {
    expect(of(0.1, 30).times(of(3, 30)).isExact).toBe(false)
    expect(of(0.1, 64).times(of(3, 64)).isExact).toBe(true)
  })

  test('a number divided by what may be zero is unknown', () => {
    const nothing = third.minus(third)
    expect(nothing.value.isZero()).toBe(true)
    expect(of(1).dividedBy(nothing).error).toBe(Infinity)
    expect(of(1).dividedBy(nothing).plus(of(1)).error).toBe(Infinity)
  })

  test('zero divided by zero is no number for certain', () => {
    const nan = of(0).dividedBy(of(0))
    expect(nan.value.isNaN()).toBe(true)
    expect(nan.plus(third).isExact).toBe(true)
  })
})

test('cancellation shows in the bound: eˣ − 1 of a small x has lost what it has in common with 1', () => {
  const x = of(2 ** -100)
  const difference = exp(x).minus(of(1))
  expect(difference.value.toNumber() / 2 ** -100).toBeCloseTo(1, 12)
  expect(difference.error).toBeGreaterThan(-64)
  expect(difference.error).toBeLessThan(-62)
})

test('numbers that no float64 holds keep their bounds', () => {
  const tiny = exp(of(-1e6))
  expect(tiny.value.e).toBe(-434295)
  expect(tiny.error).toBeLessThan(-434295 - 62)
  // beyond what even the decimals hold
  const gone = exp(of(-1e20))
  expect(gone.value.isZero()).toBe(true)
  expect(gone.error).toBeLessThan(-1e15)
})

test('ln(1 + x) keeps the digits of a small x', () => {
  for (const power of [-3, -40, -100, -900]) {
    const x = of(2 ** power)
    const wide = log1p(of(2 ** power, 500))
    const error = bigNumbers(500).of(log1p(x).value.toString()).minus(wide.value).dividedBy(wide.value).abs()
    expect(error.toNumber()).toBeLessThan(1e-62)
  }
})

test('the tail of GELU keeps digits of its own', () => {
  const x = third.times(of(-90)) // −30, give or take 10⁻⁶²
  const tail = gelu(x)
  expect(tail.value.e).toBe(-196)
  expect(tail.error).toBeLessThan(-196 - 55)
})

test('a sum of one term is the term', () => {
  expect(sum(1, () => third)).toBe(third)
  expect(sum(4, of).value.toNumber()).toBe(6)
})
