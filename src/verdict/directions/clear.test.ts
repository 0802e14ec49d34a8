import { describe, expect, test } from 'vitest'
import { random } from '../../random.ts'
import { shares, type Leaning, type Legal, type Share } from './clear.ts'
import { fit } from './fit.ts'

const source = random(3)
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => source.normal())
const sum = (...parts: readonly (readonly [number, Float64Array])[]): Float64Array =>
  parts[0][1].map((_, i) => parts.reduce((total, [share, vector]) => total + share * vector[i], 0))
const norm = (x: Float64Array): number => Math.sqrt(x.reduce((total, value) => total + value * value, 0))

function shareOf(z: Float64Array, d: Float64Array, legal: Legal): Share {
  return shares(z, legal)(d, fit(z, d) ?? expect.unreachable())
}

const none: Legal['leanings'] = []
const whole = (ways: readonly Float64Array[]): Leaning => ({ ways, isWhole: true })
const draws = (n: number, size: number): Float64Array[] => Array.from({ length: n }, () => normals(size))

describe('the standard error', () => {
  const d = normals(400)
  const snr = norm(d)

  test('of independent noise is 1/‖d‖ and somewhat more for few draws', () => {
    const { standardError } = shareOf(normals(400), d, {
      draws: draws(200, 400),
      carried: [],
      leanings: none,
    })
    expect(standardError * snr).toBeGreaterThanOrEqual(1)
    expect(standardError * snr).toBeLessThan(1.3)
  })

  test('is never below that, however little noise is drawn', () => {
    const { standardError } = shareOf(d, d, { draws: [new Float64Array(400)], carried: [], leanings: none })
    expect(standardError * snr).toBeCloseTo(1, 12)
  })

  test('grows with noise that is coherent along the direction', () => {
    const coherent = Array.from({ length: 200 }, () => {
      const size = source.normal()
      return d.map((x) => size * x)
    })
    const { standardError } = shareOf(d, d, { draws: coherent, carried: [], leanings: none })
    expect(standardError).toBeGreaterThan(0.8)
    expect(standardError).toBeLessThan(1.3)
  })

  test('without any draw is unknown', () => {
    expect(shareOf(d, d, { draws: [], carried: [], leanings: none }).standardError).toBe(Infinity)
  })
})

describe('what legal errors may lean along a direction', () => {
  // nothing can be seen of it, and so nothing is worth clearing
  const d = Float64Array.of(3, 4)
  const allowance = (leanings: readonly (readonly Float64Array[])[]): number =>
    shareOf(d, d, { draws: [], carried: [], leanings: leanings.map(whole) }).allowance

  test('is the sum over what one function may do at once', () => {
    expect(allowance([[d, d]])).toBe(2)
    expect(allowance([[d, Float64Array.of(-3, -4)]])).toBe(2)
  })

  test('is the root of the sum of squares over functions', () => {
    expect(allowance([[d], [d, d]])).toBeCloseTo(Math.sqrt(5), 12)
  })

  test('is nothing across it', () => {
    expect(allowance([[Float64Array.of(4, -3)]])).toBe(0)
    expect(allowance([])).toBe(0)
  })
})

describe('a direction cleared of what may lean', () => {
  const [g, h, across] = [normals(500), normals(500), normals(500)]
  // mostly along a leaning that is larger than the bug, so that half of it could not be seen
  const d = sum([0.5, g], [0.4, across])
  const legal: Legal = { draws: draws(64, 500), carried: [], leanings: [whole([g]), whole([h])] }

  test('has the share of the bug, however much the function leans', () => {
    for (const leaning of [-3, 0, 0.7, 50]) {
      const { beta, standardError, allowance, cleared } = shareOf(sum([1, d], [leaning, g]), d, legal)
      expect(cleared).toBeGreaterThan(0)
      expect(allowance).toBeLessThan(0.2)
      expect(Math.abs(beta - 1)).toBeLessThanOrEqual(allowance + 1e-9)
      expect(standardError).toBeLessThan(0.3)
    }
  })

  test('and of the leaning alone, none', () => {
    const { beta } = shareOf(sum([20, g]), d, legal)
    expect(Math.abs(beta)).toBeLessThan(1e-9)
  })

  test('is not cleared of what may lean otherwise as well', () => {
    const leanings = [{ ways: [g], isWhole: false }]
    const { cleared, allowance } = shareOf(d, d, { ...legal, leanings })
    expect(cleared).toBe(0)
    expect(allowance).toBeGreaterThan(0.5)
  })

  test('is chosen whatever the errors are', () => {
    const cleared = [normals(500), d, g, sum([7, d], [-3, h])].map((z) => shareOf(z, d, legal).cleared)
    expect(new Set(cleared).size).toBe(1)
  })

  test('is the whole direction where enough of the bug can be seen', () => {
    const loud = sum([1000, d])
    expect(shareOf(loud, loud, legal)).toMatchObject({ cleared: 0, elements: fit(loud, loud)?.elements })
  })

  test('of which nothing is left is the whole direction', () => {
    const aliased = sum([0.5, g])
    expect(
      shareOf(aliased, aliased, { draws: legal.draws, carried: [], leanings: [whole([g])] }),
    ).toMatchObject({
      cleared: 0,
    })
  })

  test('lives in the elements that are left', () => {
    const leaning = Float64Array.from({ length: 500 }, (_, i) => Number(i > 0))
    const bug = Float64Array.from({ length: 500 }, (_, i) => (i === 0 ? 12 : 0.5))
    const { cleared, elements } = shareOf(bug, bug, {
      draws: legal.draws,
      carried: [],
      leanings: [whole([leaning])],
    })
    expect(cleared).toBe(1)
    expect(elements).toBeCloseTo(1, 9)
  })
})
