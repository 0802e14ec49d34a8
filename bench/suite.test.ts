import { describe, expect, test } from 'vitest'
import { compare, format, ratioOf, type Contender } from './suite.ts'

describe('a ratio', () => {
  test('is that of the rounds, whatever slows both down in one of them', () => {
    const first = [1, 10, 1, 50, 1]
    expect(
      ratioOf(
        first.map((time) => 3 * time),
        first,
      ).ratio,
    ).toBe(3)
    expect(ratioOf([2, 20, 2], [1, 10, 1, 7, 7]).ratio).toBe(2)
  })

  test.each([
    [5, undefined],
    // below the least of six, or above the greatest, is a true median in 2 · 2⁻⁶ = 3 % of all cases
    [6, [1, 6]],
    [8, [1, 8]],
    [9, [2, 8]],
    [15, [4, 12]],
    [100, [40, 61]],
  ])('of %d rounds lies between, as tables of the sign test have it: %j', (rounds, between) => {
    const ratios = Array.from({ length: rounds }, (_, r) => r + 1)
    expect(
      ratioOf(
        ratios,
        ratios.map(() => 1),
      ).between,
    ).toEqual(between)
  })
})

test('contenders take turns, every other round the other way round', async () => {
  const turns: string[] = []
  const contender = (name: string): Contender => ({ name, run: () => void turns.push(name) })
  const settings = { title: '', unit: 'runs/s', work: 1, rounds: 4, least: 0 }
  await compare([contender('a'), contender('b')], settings)
  expect(turns.slice(-8).join('')).toBe('abbaabba')
})

test('what a target is missed or held by no more than the noise is said', () => {
  const timing = { median: 1, fastest: 1, slowest: 1, rounds: 9, rate: 1, target: 2 }
  const told = (ratio: number, between?: readonly [number, number]): string => {
    const other = { ...timing, name: 'b', ratio, ...(between && { between }) }
    const timings = [{ ...timing, name: 'a', ratio: 1 }, other]
    return format({ title: '', unit: 'runs/s', timings }).split('\n').at(-1) ?? ''
  }
  expect(told(2.1)).toMatch(/2\.10×  target ≥ 2×: held$/)
  expect(told(2.1, [1.9, 2.3])).toMatch(/2\.10× \(1\.90 … 2\.30\)  target ≥ 2×: held, within the noise$/)
  expect(told(1.9, [1.8, 2.3])).toMatch(/MISSED, within the noise$/)
  expect(told(1.9, [1.8, 1.95])).toMatch(/MISSED$/)
})
