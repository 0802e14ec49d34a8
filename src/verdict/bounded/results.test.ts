import { describe, expect, test } from 'vitest'
import { tensor } from '../../../reference/tensor.ts'
import { profileNamed } from '../profile/read.ts'
import { portable } from '../profile/shipped.ts'
import { boundedOf } from './arithmetic.ts'
import { known, type Bounded } from './bounded.ts'
import { heldIn } from './results.ts'

const [bf16, fp16] = [profileNamed('bf16-model'), profileNamed('fp16-model')]
const row = (...values: number[]): Bounded['v'] => tensor(Float64Array.from(values), [1, values.length])
const within = (bound: number, ...values: number[]): Bounded => ({
  ...known(row(...values)),
  b: row(...values.map(() => bound)),
})

describe('what comes in from a file', () => {
  test('is off by its own distance to the format, or not at all', () => {
    const { b, s2 } = heldIn(bf16, known(row(1, 0.75, 1 + 2 ** -9, -3 - 2 ** -8, 0)))
    expect([...b.data]).toEqual([0, 0, 2 ** -9, 2 ** -8, 0])
    expect([...s2.data]).toEqual([...b.data].map((x) => x ** 2))
    const exact = known(row(1, 256, 0.375))
    expect(heldIn(bf16, exact)).toBe(exact)
    expect(heldIn(portable, known(row(0.1))).b.data[0]).toBe(0)
  })

  test('is anything beyond the range of the format', () => {
    const { b, s2 } = heldIn(fp16, known(row(65504, 65505, -1e6)))
    expect([...b.data]).toEqual([0, Infinity, Infinity])
    expect(s2.data[0]).toBe(0)
  })
})

describe('results', () => {
  const { rules, dense } = boundedOf(bf16)

  test('are off by half a step at what they may be, with the bound they had', () => {
    const { b } = heldIn(bf16, within(0.01, 1, 1.995))
    expect(b.data[0]).toBe(0.01 + 2 ** -8)
    expect(b.data[1]).toBe(0.01 + 2 ** -7)
  })

  test('among the subnormals of fp16 by half the last of them', () => {
    const { b, s2 } = heldIn(fp16, within(1e-12, 1e-9))
    expect(b.data[0]).toBe(1e-12 + 2 ** -25)
    expect(s2.data[0]).toBe(2 ** -48 / 12)
  })

  test('of integers are exact as far as the format holds them', () => {
    const sum = (...x: number[]): number =>
      rules.matmulTransposed(dense(row(...x)), dense(row(...x.map(() => 1)))).b.data[0]
    expect(sum(200, 56)).toBe(0)
    expect(sum(200, 58)).toBe(0)
    expect(sum(200, 57)).toBe(1)
  })

  test('of what only moves or chooses elements are those elements', () => {
    const x = within(0.01, 0.3, 0.7)
    expect(rules.reshape(x, [2]).b.data).toEqual(x.b.data)
    expect(rules.concat([x, x], 0).b.data[0]).toBe(0.01)
  })

  test('a threshold may be rounded too', () => {
    const [tau, nearest] = [Math.fround(0.05), 205 * 2 ** -12]
    const { b } = rules.threshold(known(row(nearest, 0.0501, 0.0499, tau)), 0.05)
    expect([...b.data].map((x) => x > 0)).toEqual([true, false, false, true])
    expect(boundedOf(portable).rules.threshold(known(row(nearest, tau)), 0.05).b.data[0]).toBe(0)
  })
})

test('a softmax of logits known within tens is anything between 0 and 1, though float64 sums lose the others', () => {
  const z = { ...known(row(0, -0.4)), b: row(40, 20) }
  const { v, b } = boundedOf(portable).rules.softmax(z)
  expect(b.data[0]).toBeGreaterThan(v.data[0] - 1e-9)
  expect(b.data[1]).toBeGreaterThan(1 - v.data[1] - 1e-9)
})

test('of a logit that is far below the largest, and as far off, noise says that it may be the largest', () => {
  const z = { ...known(row(0, -800)), b: row(300, 300), s2: row(100 ** 2, 100 ** 2) }
  expect(boundedOf(portable).rules.softmax(z).s2.data[1]).toBe(0.25)
})
