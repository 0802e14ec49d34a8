import { describe, expect, test } from 'vitest'
import { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import { portable, shippedProfiles } from '../src/verdict/profile/shipped.ts'
import { shareOf } from './bounds-adversary.ts'
import { attacks } from './bounds-attacks/index.ts'
import { exact, primitives, within, type Operand, type Primitive } from './bounds-primitives/index.ts'

// a model machine's, each with the accuracies that bring out one term
test.each(attacks.map((attack, i) => [i, attack.name, attack] as const))('%d %s', (_, _name, attack) => {
  const share = shareOf(boundedOf(attack.profile).rules, attack)
  expect(share).toBeLessThanOrEqual(1 + 1e-6)
  expect(share).toBeGreaterThanOrEqual(attack.atLeast)
})

/** What float32 itself gives, rounded to nearest, under `portable`: none of these needs more than + − × in the order written. */
describe('reached in float32', () => {
  const f = Math.fround
  const u = 2 ** -24
  const cases: readonly (readonly [
    atLeast: number,
    primitive: Primitive,
    operands: readonly Operand[],
    found: number,
  ])[] = [
    [0.999, primitives.add, [exact(1), exact(u)], f(1 + u)],
    [0.999, primitives.subtract, [exact(1), exact(-u)], f(1 + u)],
    [0.999, primitives.multiply, [exact(1 + 2 ** -12), exact(1 + 2 ** -12)], f((1 + 2 ** -12) ** 2)],
    [0.99, primitives.sum, [exact(1, ...repeat(62, u))], repeat(62, u).reduce((sum, x) => f(sum + x), 1)],
    [
      0.98,
      primitives.product,
      [exact(1 + 2 ** -12, ...repeat(62, u)), exact(1 + 2 ** -12, ...repeat(62, 1))],
      repeat(62, u).reduce((sum, x) => f(sum + x), f((1 + 2 ** -12) ** 2)),
    ],
    [0.99, primitives.softmax, [within(0.25, 1, 1)], f(1 / (1 + Math.exp(-0.5)))],
    [0.99, primitives.logSoftmax, [within(0.25, 1, 1)], f(-Math.log(1 + Math.exp(0.5)))],
    [0.99, primitives.maxPool, [within(0.25, 1, 0.5)], 1.25],
  ]
  test.each(
    cases.map(
      ([share, primitive, operands, found]) => [primitive.name, share, primitive, operands, found] as const,
    ),
  )('%s: %d of the bound', (_, atLeast, primitive, operands, found) => {
    const attack = { name: primitive.name, profile: portable, primitive, operands, at: 0, found }
    const share = shareOf(boundedOf(portable).rules, attack)
    expect(share).toBeLessThanOrEqual(1)
    expect(share).toBeGreaterThanOrEqual(atLeast)
  })

  test('exp, of a library that is as inaccurate as WGSL allows', () => {
    // just above 2⁻²⁹, where an ULP is the largest share
    const x = f(-29 * Math.LN2 + 2e-6)
    const attack = {
      name: 'exp',
      profile: portable,
      primitive: primitives.exp,
      operands: [exact(x)],
      at: 0,
      found: f(Math.exp(x) * (1 + 43 * 2 ** -23)),
    }
    expect(shareOf(boundedOf(portable).rules, attack)).toBeGreaterThan(0.99)
  })

  test('a sum that always rounds down, under wgsl', () => {
    const wgsl = shippedProfiles.find(({ name }) => name === 'wgsl') ?? portable
    const terms = repeat(62, 2 ** -23 * 0.999)
    const attack = {
      name: 'sum',
      profile: wgsl,
      primitive: primitives.sum,
      operands: [exact(1, ...terms)],
      at: 0,
      found: 1,
    }
    expect(shareOf(boundedOf(wgsl).rules, attack)).toBeGreaterThan(0.99)
  })
})

function repeat(n: number, x: number): number[] {
  return Array.from({ length: n }, () => x)
}
