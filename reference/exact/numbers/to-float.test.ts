import { describe, expect, test } from 'vitest'
import { bigNumbers } from './big-number.ts'
import { FLOAT32, FLOAT64, toFloat } from './to-float.ts'

const { of } = bigNumbers(900)
const two = of(2)

/** 2^k, all its digits. */
const power = (k: number): ReturnType<typeof of> => two.pow(k)

describe('float32', () => {
  test.each([
    ['one', of(1), 1],
    ['half-way to the next, down to even', power(-24).plus(1), 1],
    ['half-way from an odd one, up to even', power(-24).times(3).plus(1), 1 + 2 ** -22],
    ['just above half-way', power(-24).plus(1).plus('1e-40'), 1 + 2 ** -23],
    ['half-way below a power of two', of(1).minus(power(-25)), 1],
    // float64 would round 1 + 2^−24 + 2^−60 to the half-way point first, and then down
    ['not through float64', power(-24).plus(1).plus(power(-60)), 1 + 2 ** -23],
    ['the smallest subnormal', power(-149), 2 ** -149],
    ['half of it, down to even', power(-150), 0],
    ['just above half of it', power(-150).plus('1e-400'), 2 ** -149],
    ['one and a half of it, up to even', power(-150).times(3), 2 ** -148],
    ['the largest subnormal and a half step', power(-126).minus(power(-150)), 2 ** -126],
    ['the largest', power(128).minus(power(104)), (2 - 2 ** -23) * 2 ** 127],
    ['just below overflow', power(128).minus(power(103)).minus('1e-40'), (2 - 2 ** -23) * 2 ** 127],
    ['half a step above the largest', power(128).minus(power(103)), Infinity],
    ['beyond any exponent', of('1e5000000'), Infinity],
    ['below any exponent', of('1e-5000000'), 0],
  ])('%s', (_, x, expected) => {
    expect(toFloat(x, FLOAT32)).toBe(expected)
    expect(toFloat(x.negated(), FLOAT32)).toBe(-expected)
  })

  test('zeros keep their signs, and what is no number stays none', () => {
    expect(toFloat(of('0'), FLOAT32)).toBe(0)
    expect(toFloat(of('-0'), FLOAT32)).toBe(-0)
    expect(toFloat(of('NaN'), FLOAT32)).toBeNaN()
    expect(toFloat(of('-Infinity'), FLOAT32)).toBe(-Infinity)
  })
})

describe('float64', () => {
  test.each([
    ['half-way, to even', power(-53).plus(1), 1],
    ['just above', power(-53).plus(1).plus(power(-1000)), 1 + 2 ** -52],
    ['the smallest subnormal', power(-1074), 5e-324],
    ['half of it', power(-1075), 0],
    ['the largest', power(1024).minus(power(971)), Number.MAX_VALUE],
    ['half a step above the largest', power(1024).minus(power(970)), Infinity],
  ])('%s', (_, x, expected) => {
    expect(toFloat(x, FLOAT64)).toBe(expected)
  })
})
