import { describe, expect, test } from 'vitest'
import { random } from '../../random.ts'
import { allowance, fit, standardError } from './fit.ts'

const source = random(3)
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => source.normal())

describe('β', () => {
  test('is how often the direction is in the errors', () => {
    const d = Float64Array.of(3, 0, -4)
    expect(fit(Float64Array.of(1.5, 7, -2), d)).toMatchObject({ beta: 0.5, snr: 5, left: 1.5 ** 2 + 49 + 4 })
  })

  test('of the bug itself is 1, and nothing is left', () => {
    const d = normals(50)
    expect(fit(d, d)).toMatchObject({ beta: 1, explained: 1, left: 0 })
  })

  test('of a direction that moves nothing there is none', () => {
    expect(fit(normals(3), new Float64Array(3))).toBeUndefined()
  })

  test('counts the elements that a direction lives in', () => {
    expect(fit(normals(8), new Float64Array(8).fill(2))?.elements).toBe(8)
    expect(fit(normals(8), Float64Array.of(0, 0, 5, 0, 0, 0, 0, 0))?.elements).toBe(1)
  })
})

describe('the standard error', () => {
  const d = normals(400)
  const snr = Math.sqrt(d.reduce((sum, x) => sum + x * x, 0))

  test('of independent noise is 1/‖d‖ and somewhat more for few draws', () => {
    const se = standardError(
      d,
      Array.from({ length: 200 }, () => normals(400)),
      snr,
    )
    expect(se * snr).toBeGreaterThanOrEqual(1)
    expect(se * snr).toBeLessThan(1.3)
  })

  test('is never below that, however little noise is drawn', () => {
    expect(standardError(d, [new Float64Array(400)], snr)).toBe(1 / snr)
  })

  test('grows with noise that is coherent along the direction', () => {
    const coherent = Array.from({ length: 200 }, () => {
      const size = source.normal()
      return d.map((x) => size * x)
    })
    expect(standardError(d, coherent, snr)).toBeGreaterThan(0.8)
    expect(standardError(d, coherent, snr)).toBeLessThan(1.3)
  })

  test('without any draw is unknown', () => {
    expect(standardError(d, [], snr)).toBe(Infinity)
  })
})

describe('what legal errors may lean along a direction', () => {
  const d = Float64Array.of(3, 4)
  const g = Float64Array.of(3, 4)

  test('is the sum over what one function may do at once', () => {
    expect(allowance(d, [[g, g]], 5)).toBe(2)
    expect(allowance(d, [[g, Float64Array.of(-3, -4)]], 5)).toBe(2)
  })

  test('is the root of the sum of squares over functions', () => {
    expect(allowance(d, [[g], [g, g]], 5)).toBeCloseTo(Math.sqrt(5), 12)
  })

  test('is nothing across it', () => {
    expect(allowance(d, [[Float64Array.of(4, -3)]], 5)).toBe(0)
    expect(allowance(d, [], 5)).toBe(0)
  })
})
