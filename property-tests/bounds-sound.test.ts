import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../src/random.ts'
import { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import type { Profile } from '../src/verdict/profile/profile.ts'
import { shippedProfiles } from '../src/verdict/profile/shipped.ts'
import { Machine, type Ways } from './bounds-machine.ts'
import { primitives, scaled, scaledProduct, type Operand, type Primitive } from './bounds-primitives.ts'
import { parameters } from './seed.ts'

const RUNS = 150

/** The bounds are evaluated in float64. */
const FLOAT64 = 1 + 1e-8

const profiles: readonly Profile[] = [
  ...shippedProfiles,
  { ...shippedProfiles[0], name: 'subnormals kept', flushSubnormals: false },
]

const ways = fc.record<Ways>({
  order: fc.constantFrom('forward', 'reverse', 'pairwise', 'random'),
  fused: fc.boolean(),
  reciprocal: fc.boolean(),
})

/** Numbers of one size, of all sizes, of either end of float32, small integers, and such that nearly cancel. */
function numbers(n: number): fc.Arbitrary<number[]> {
  const unit = fc.double({ min: -1, max: 1, noNaN: true })
  const sized = (size: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    size.chain((s) => fc.array(unit, { minLength: n, maxLength: n }).map((row) => row.map((x) => x * s)))
  const usual = sized(fc.constantFrom(1, 1, 4, 30, 0.01))
  return fc.oneof(
    { arbitrary: usual, weight: 4 },
    sized(fc.integer({ min: -30, max: 30 }).map((e) => 10 ** e)),
    sized(fc.constantFrom(2 ** -126, 2 ** -125, 2 ** -130, 2 ** -102)),
    fc.array(
      fc.tuple(unit, fc.integer({ min: -38, max: 30 })).map(([x, e]) => x * 10 ** e),
      { minLength: n, maxLength: n },
    ),
    fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n }),
    // a common part that cancels
    fc
      .tuple(fc.constantFrom(1, 3, 1000), usual)
      .map(([common, row]) => row.map((x, i) => (i % 2 === 0 ? common : -common) + x * 1e-4)),
    fc.tuple(fc.constantFrom(1, 5), usual).map(([common, row]) => row.map((x) => common + x * 0.1)),
  )
}

/** Float32 numbers that are known within some share of themselves. */
function operand(n: number): fc.Arbitrary<Operand> {
  const errors = fc.constantFrom(0, 0, 0, 1e-6, 1e-3, 0.3)
  return fc.tuple(numbers(n), errors).map(([row, share]) => {
    const v = row.map(Math.fround)
    return { v, b: v.map((x) => Math.abs(x) * share) }
  })
}

const lengths = fc.constantFrom(1, 2, 3, 7, 63)

function operandsOf(name: string): fc.Arbitrary<readonly Operand[]> {
  return lengths.chain((n) => {
    if (name === 'linear') return fc.tuple(operand(n), operand(n), operand(1))
    return fc.tuple(operand(n), operand(n), operand(n))
  })
}

function expectSound(
  primitive: Primitive,
  form: string,
  profile: Profile,
  operands: readonly Operand[],
  choices: Ways,
  seed: number,
): void {
  const { v, b } = primitive.bounded(boundedOf(profile).rules, operands)
  const source = random(seed)
  // mostly as far off as is legal
  const choose = (): number => Math.max(-1, Math.min(1, 4 * (2 * source.uniform() - 1)))
  const machine = new Machine(profile, choices, choose, false)
  const inputs = operands.map((x) => x.v.map((value, i) => machine.within(value, x.b[i])))
  const found = primitive.forms[form](machine, inputs)
  found.forEach((value, i) => {
    if (b.data[i] === Infinity) return
    const error = Math.abs(value - v.data[i])
    if (!(error <= b.data[i] * FLOAT64)) {
      expect.fail(
        `${profile.name}, ${form}: ${value} for ${v.data[i]}, ${error / b.data[i]} of the bound, inputs ${JSON.stringify(inputs)}`,
      )
    }
  })
}

const named: readonly (readonly [string, Primitive])[] = [
  ...Object.entries(primitives),
  ['scale', scaled(1 / Math.sqrt(48))],
  ['scale up', scaled(37.1)],
  ['scaled product', scaledProduct(1 / Math.sqrt(48))],
]

/** Online softmax may raise its maximum so often, and unshifted has its range. */
function applies(form: string, profile: Profile, [{ v, b }]: readonly Operand[]): boolean {
  if (form === 'unshifted') return v.every((x, i) => Math.abs(x) + b[i] <= 64)
  return !form.startsWith('online') || v.length <= profile.rewrites.onlineRescales
}

describe.each(named)('%s', (name, primitive) => {
  test.each(Object.keys(primitive.forms))('no legal machine is off by more than the bound: %s', (form) => {
    fc.assert(
      fc.property(
        operandsOf(name),
        fc.constantFrom(...profiles),
        ways,
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        (operands, profile, choices, seed) => {
          fc.pre(applies(form, profile, operands))
          expectSound(primitive, form, profile, operands, choices, seed)
        },
      ),
      parameters(RUNS),
    )
  })
})
