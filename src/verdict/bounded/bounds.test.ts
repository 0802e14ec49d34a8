import { describe, expect, test } from 'vitest'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import type { Profile } from '../profile/profile.ts'
import { profileNamed } from '../profile/read.ts'
import { portable } from '../profile/shipped.ts'
import { boundedOf } from './arithmetic.ts'
import { known, type Bounded } from './bounded.ts'

const { rules } = boundedOf(portable)
const SMALLEST_NORMAL = 2 ** -126
/** The largest subnormal. */
const SUBNORMAL = SMALLEST_NORMAL - 2 ** -149

function row(...values: readonly number[]): Tensor {
  return tensor(Float64Array.from(values), [1, values.length])
}

function exact(...values: readonly number[]): Bounded {
  return known(row(...values))
}

function within(bound: number, ...values: readonly number[]): Bounded {
  return { ...exact(...values), b: row(...values.map(() => bound)) }
}

function expectLegal({ v, b }: Bounded, found: number, at = 0): void {
  expect(Math.abs(found - v.data[at])).toBeLessThanOrEqual(b.data[at])
}

describe('what a legal runtime may flush', () => {
  test('both operands of a sum', () => expectLegal(rules.add(exact(SUBNORMAL), exact(SUBNORMAL)), 0))

  test('a factor beside a large one', () => expectLegal(rules.multiply(exact(2 ** -127), exact(2 ** 100)), 0))

  test('a weight', () => expectLegal(rules.weigh(exact(2 ** -127), exact(2 ** 100)), 0))

  test('what a scale makes larger', () => expectLegal(rules.scale(exact(2 ** -127), 2 ** 40), 0))

  test('a partial sum of products that are not subnormal themselves', () => {
    // 1.5F − F first
    const products = rules.matmul(exact(1.5 * SMALLEST_NORMAL, SMALLEST_NORMAL), {
      ...exact(1, -1),
      ...known(tensor(Float64Array.of(1, -1), [2, 1])),
    })
    expectLegal(products, 0)
  })

  test('a factor that its own error makes subnormal', () => {
    const factor = within(2 ** -127, 1.25 * SMALLEST_NORMAL)
    expectLegal(rules.matmul(factor, known(tensor(Float64Array.of(2 ** 60), [1, 1]))), 0)
  })

  test('a factor after a scale folded into it', () => {
    const logit = rules.matmulTransposed(exact(2 ** -125), exact(2 ** 60))
    expectLegal(rules.scale(logit, 1 / 8), 0)
  })

  test('the gain of a LayerNorm, beside a large deviation', () => {
    const n = 400
    const values = Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0))
    const gain = known(tensor(new Float64Array(n).fill(SUBNORMAL), [n]))
    const bias = known(tensor(new Float64Array(n), [n]))
    expectLegal(rules.layerNorm(exact(...values), gain, bias, 1e-6), 0)
  })

  test('the gain over the deviation, beside large numbers', () => {
    const gain = known(tensor(new Float64Array(2).fill(1e-20), [2]))
    const bias = known(tensor(new Float64Array(2), [2]))
    // r·g = 1e-39
    expectLegal(rules.layerNorm(exact(1e19, -1e19), gain, bias, 1e-6), 0)
  })

  test('an operand of a threshold', () => {
    const { b, kept } = rules.threshold(exact(2 ** -130, 0.5), 0)
    expect([...kept]).toEqual([1, 1])
    expect([...b.data]).toEqual([2 ** -130, 0])
  })

  test('nothing where the profile keeps subnormals, but products are rounded among them', () => {
    const kept = boundedOf({ ...portable, flushSubnormals: false }).rules
    expect(kept.add(exact(SUBNORMAL), exact(SUBNORMAL)).b.data[0]).toBeLessThan(2 ** -148)
    const third = kept.multiply(exact(2 ** -100), exact(1.75 * 2 ** -50))
    expectLegal(third, 2 ** -149)
    expect(third.b.data[0]).toBeLessThan(2 ** -148)
  })
})

describe('zeros that are surely zeros', () => {
  test.each([
    ['sum', rules.add(exact(0), exact(0))],
    ['product', rules.multiply(exact(0), exact(1e30))],
    ['scale', rules.scale(exact(0), 0.125)],
    ['sum of products', rules.matmulTransposed(exact(0, 0), exact(1e30, 3))],
    ['sum of a row', rules.sum(exact(0, 0), 'last')],
    ['mean', rules.mean(exact(0, 0), 'last')],
  ])('%s', (_, { b }) => expect([...b.data]).toEqual([0]))
})

describe('softmax', () => {
  test('without shift where the runtime’s own logits are within 64, though truth’s are not', () => {
    const kappa = (3 + 2 * 64) * 2 ** -23
    const logits = within(1e-6, 64.0000005, 64.0000005)
    const [high, low] = [1 + kappa, 1 - kappa]
    expectLegal(rules.softmax(logits), high / (high + low))
  })

  test('online, the numerators computed anew: two equal logits, one rescaling', () => {
    const rewrites = { ...portable.rewrites, onlineRescales: 1 }
    const functions = { ...portable.functions, exp: { ulp: 1000, ulpPerUnit: 0 } }
    const online: Profile = { ...portable, functions, rewrites }
    const e = 1000 * 2 ** -23
    // e^0, rescaled by e^0; e^0; over them an e^0 that came out small
    const found = (1 - e) / ((1 + e) ** 2 + (1 + e))
    expectLegal(boundedOf(online).rules.softmax(exact(0, 0)), found)
  })
})

describe('sums of integers', () => {
  const weights = known(tensor(Float64Array.of(4096, -4095, 1), [1, 3]))

  test('are exact up to 2²⁴, and so are those of powers of two times integers', () => {
    expect(rules.matmulTransposed(exact(2048, 2048, 4096), weights).b.data[0]).toBe(0)
    expect(rules.matmulTransposed(exact(2048, 2048, 4097), weights).b.data[0]).toBeGreaterThan(0)
    expect(
      rules.linear(exact(0.25, 0.75, 3), weights, known(tensor(Float64Array.of(0.5), [1]))).b.data[0],
    ).toBe(0)
  })

  test('are rounded once a scale may be folded into them', () => {
    const product = rules.matmulTransposed(exact(3, 3, 3), weights)
    const { b } = rules.scale(product, 1 / Math.sqrt(3))
    const folded = (x: number): number => Math.fround(x * Math.fround(1 / Math.sqrt(3)))
    const terms = [4096, -4095, 1].map((w) => Math.fround(folded(3) * w))
    const found = Math.fround(Math.fround(terms[0] + terms[1]) + terms[2])
    expect(Math.abs(found - 6 / Math.sqrt(3))).toBeLessThanOrEqual(b.data[0])
    expect(b.data[0]).toBeGreaterThan(8192 * 2 ** -24)
  })

  test('not of what is known within a bound, nor in a narrow format', () => {
    expect(rules.matmulTransposed(within(1e-9, 1, 1, 1), weights).b.data[0]).toBeGreaterThan(0)
    const bf16 = boundedOf({ ...portable, formats: { ...portable.formats, productInputs: 'bf16' } }).rules
    expect(bf16.matmulTransposed(exact(1, 1, 1), weights).b.data[0]).toBeGreaterThan(0)
  })
})

test('a scale of cancelling products may be folded into either factor', () => {
  const product = rules.matmulTransposed(exact(1.1, 1.3), exact(1.3, -1.1))
  const { b } = rules.scale(product, 0.3)
  expect(b.data[0]).toBeGreaterThan(2 * 0.3 * 1.43 * 2 * 2 ** -24)
})

test('a softmax by its logarithm at logits that leave no digit is anything, and not nothing', () => {
  const profile = profileNamed('bf16-model')
  const { softmax } = boundedOf({
    ...profile,
    rewrites: { ...profile.rewrites, logSumExpSoftmax: true },
  }).rules
  for (const least of [89_000, 0, -90_668]) {
    expect([...softmax(exact(90_668, 90_667, least)).b.data].some(Number.isNaN)).toBe(false)
  }
})
