import { describe, expect, test } from 'vitest'
import { random } from '../../random.ts'
import { fit, isOne } from './fit.ts'

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

test.each<[beta: number, se: number, isWhole: boolean]>([
  [1.01, 0.01, true],
  [1.1, 0.01, false],
  [1.4, 0.1, true],
  [-39, 9, false],
])('β = %d ± %d is the bug itself: %s', (beta, se, isWhole) => {
  expect(isOne(beta, 100, se, 0)).toBe(isWhole)
})
