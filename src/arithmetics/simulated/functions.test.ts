import { all, create } from 'mathjs'
import { describe, expect, test } from 'vitest'
import { plainDesign } from './design.ts'
import { ulpAt } from './formats.ts'
import { isFunctionError, type FunctionError } from './function-error.ts'
import { functions, type Functions } from './functions.ts'
import { machine } from './machine.ts'

const math = create(all, { number: 'BigNumber', precision: 40 })
const m = machine('float32', 'nearest', 'kept', 'saturate')
const f = Math.fround
const withErrors = (declared: FunctionError): Functions =>
  functions(m, {
    ...plainDesign,
    expError: declared,
    logError: declared,
    rsqrtError: declared,
    erfError: declared,
  })

const points = Array.from({ length: 400 }, (_, i) => f(0.013 + 0.037 * i))
const exactExp = (x: number): number => Number(math.exp(math.bignumber(-x)))
const exactLog = (x: number): number => Number(math.log(math.bignumber(x)))
const exactRsqrt = (x: number): number => 1 / Math.sqrt(x)

/** How far off in ULP of the exact value, signed. */
const off = (found: number, exact: number): number => (found - exact) / ulpAt(exact)
const offs = (g: Functions): number[][] => [
  points.map((x) => off(g.exp(-x), exactExp(x))),
  points.map((x) => off(g.log(x), exactLog(x))),
  points.map((x) => off(g.inverseRoot(x), exactRsqrt(x))),
]

describe.each<[FunctionError, number]>([
  ['3', 3],
  ['smooth:3', 3],
  ['alternating:2', 2],
  ['biased:1.5', 1.5],
  ['biased:-4', 4],
  ['smooth:2+alternating:1', 3],
])('%s', (declared, most) => {
  test('is never exceeded, and nearly reached', () => {
    for (const errors of offs(withErrors(declared))) {
      const largest = Math.max(...errors.map(Math.abs))
      expect(largest).toBeLessThanOrEqual(most + 1e-6)
      expect(largest).toBeGreaterThan(0.6 * most - 0.5)
    }
  })
})

test('shapes are what they say', () => {
  const [smooth] = offs(withErrors('smooth:40'))
  const steps = smooth.slice(1).map((error, i) => Math.abs(error - smooth[i]))
  expect(Math.max(...steps)).toBeLessThan(16)
  expect(Math.max(...smooth)).toBeGreaterThan(30)
  expect(Math.min(...smooth)).toBeLessThan(-30)
  for (const error of offs(withErrors('biased:40')).flat()) expect(error).toBeGreaterThan(35)
  const g = withErrors('alternating:40')
  const [x, next] = [f(0.7), f(0.7 + 2 ** -24)]
  expect(Math.sign(off(g.exp(x), Math.exp(x)))).toBe(-Math.sign(off(g.exp(next), Math.exp(next))))
  const far = withErrors('slope:2')
  expect(off(far.exp(-20), Math.exp(-20))).toBeGreaterThan(38)
  expect(off(far.exp(-0.5), Math.exp(-0.5))).toBeLessThan(2)
})

test('no declared error: correctly rounded, but for 1/√x, which is a root and a division', () => {
  const g = withErrors('0')
  for (const x of points) {
    expect(g.exp(-x)).toBe(f(exactExp(x)))
    expect(g.log(x)).toBe(f(exactLog(x)))
    expect(g.inverseRoot(x)).toBe(f(1 / f(Math.sqrt(x))))
  }
})

test('erf: the library’s is rounded correctly; Abramowitz and Stegun’s is odd and within 3e-7', () => {
  const library = functions(m, plainDesign)
  const approximate = functions(m, { ...plainDesign, erf: 'abramowitz-stegun' })
  let largest = 0
  for (const x of points) {
    const exact = math.erf(x)
    expect(Math.abs(library.erf(x) - exact)).toBeLessThanOrEqual(0.51 * ulpAt(exact))
    expect(approximate.erf(-x)).toBe(-approximate.erf(x))
    largest = Math.max(largest, Math.abs(approximate.erf(x) - exact))
  }
  expect(largest).toBeLessThan(3e-7)
  expect(largest).toBeGreaterThan(5e-8)
})

test('an error of erf passes 1 nowhere, and is none where erf is 1 in float32', () => {
  const g = withErrors('biased:4')
  for (const x of points) {
    expect(g.erf(x)).toBeLessThanOrEqual(1)
    if (math.erf(x) > 1 - 2 ** -26) expect(g.erf(-x)).toBe(-1)
  }
  expect(g.erf(1)).toBeGreaterThan(f(math.erf(1)))
})

test('a division by the reciprocal is rounded twice', () => {
  const g = functions(m, { ...plainDesign, divide: 'reciprocal' })
  expect(g.divide(5, 49)).toBe(f(5 * f(1 / 49)))
  expect(functions(m, plainDesign).divide(5, 49)).toBe(f(5 / 49))
})

test.each(['', 'smooth', 'tanh:3', '1+2', 'smooth:1+', 'smooth:x', '3 ULP', 'Infinity'])(
  'refuses %s',
  (text) => {
    expect(isFunctionError(text)).toBe(false)
  },
)
