import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { random } from '../src/random.ts'
import { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import type { Bounded, BoundedSparse } from '../src/verdict/bounded/bounded.ts'
import { choiceOf, chosen } from '../src/verdict/bounded/choice.ts'
import type { Profile } from '../src/verdict/profile/profile.ts'
import { shippedProfiles } from '../src/verdict/profile/shipped.ts'
import { Machine, type Ways } from './bounds-machine.ts'
import {
  foundBy,
  primitives,
  scaled,
  scaledProduct,
  type Operand,
  type Primitive,
} from './bounds-primitives/index.ts'
import { parameters } from './seed.ts'

const RUNS = 150

/** The bounds are evaluated in float64. */
const FLOAT64 = 1 + 1e-8

function byLogarithm(profile: Profile): Profile {
  const name = `${profile.name}, softmax by its logarithm`
  return { ...profile, name, rewrites: { ...profile.rewrites, logSumExpSoftmax: true } }
}

const written = shippedProfiles.filter(({ rewrites }) => rewrites.stepwise)

/** Of runtimes that write LayerNorm, GELU and softmax out. */
const inSteps: readonly Profile[] = written.flatMap((profile): Profile[] => {
  const like = (name: string, others: Partial<Profile>): Profile =>
    Object.assign({}, profile, { name: `${profile.name}, ${name}` }, others)
  return [
    profile,
    byLogarithm(profile),
    like('subnormals kept', { flushSubnormals: false }),
    like('either neighbour', { rounding: 'either-neighbour' }),
    like('in tf32', { formats: { ...profile.formats, results: 'tf32' } }),
  ]
})

const profiles: readonly Profile[] = [
  ...shippedProfiles,
  { ...shippedProfiles[0], name: 'subnormals kept', flushSubnormals: false },
  ...shippedProfiles.map(byLogarithm),
]

/**
 * Of those, the ones whose products take float32. Where subnormals are kept, a quotient among them is off by 2.5·2⁻¹⁴⁹, which P·V
 * with the division before it does not have.
 */
const float32Profiles = profiles.filter(
  ({ formats, flushSubnormals }) => formats.productInputs === 'float32' && flushSubnormals,
)

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

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
  const machine = machineOf(profile, choices, seed)
  const inputs = operands.map((x) => x.v.map((value, i) => machine.within(value, x.b[i])))
  foundBy(primitive, form, machine, inputs).forEach((value, i) => {
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
  if (form.startsWith('by its logarithm') && !profile.rewrites.logSumExpSoftmax) return false
  if (form.endsWith('unshifted')) return v.every((x, i) => Math.abs(x) + b[i] <= 64)
  return !form.startsWith('online') || v.length <= profile.rewrites.onlineRescales
}

describe.each(named)('%s', (name, primitive) => {
  test.each(Object.keys(primitive.forms))('no legal machine is off by more than the bound: %s', (form) => {
    fc.assert(
      fc.property(
        operandsOf(name),
        fc.constantFrom(...(form.startsWith('in steps') ? inSteps : profiles)),
        ways,
        seeds,
        (operands, profile, choices, seed) => {
          fc.pre(applies(form, profile, operands))
          expectSound(primitive, form, profile, operands, choices, seed)
        },
      ),
      parameters(RUNS),
    )
  })
})

describe('softmax over a choice', () => {
  /** A row of logits of which some may take part and some may as well not. */
  const drawn = fc.constantFrom(1, 2, 4, 9).chain((n) =>
    fc.record({
      logits: operand(n),
      kept: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
      ambiguous: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
      turned: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
    }),
  )

  test('whoever takes part, no legal machine is off by more than the bound', () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom(...profiles), ways, seeds, (row, profile, choices, seed) => {
        const { rules } = boundedOf(profile)
        const [{ v, b }, n] = [row.logits, row.kept.length]
        const bytes = (flags: readonly boolean[]): Uint8Array => Uint8Array.from(flags, Number)
        const logits = { v: of(v), b: of(b), s2: of(v.map(() => 0)), kept: bytes(row.kept.map(() => true)) }
        const mask = { shape: [1, n], data: bytes(row.kept), ambiguous: bytes(row.ambiguous) }
        // what is dropped in truth is held as 0, as in attention over a mask
        const held = choose(mask.data, mask.ambiguous, logits)
        const bounded = rules.maskedSoftmax(mask, held)
        const takes = row.kept.map((kept, i) => (row.ambiguous[i] && row.turned[i] ? !kept : kept))
        const members = v.flatMap((_, i) => (takes[i] ? [i] : []))
        const machine = machineOf(profile, choices, seed)
        const inputs = members.map((i) => machine.within(v[i], b[i]))
        const form = profile.rewrites.logSumExpSoftmax ? 'by its logarithm, to base 2' : 'shifted'
        const among = members.length === 0 ? [] : foundBy(primitives.softmax, form, machine, [inputs])
        const full = v.map((_, i) => (takes[i] ? among[members.indexOf(i)] : 0))
        full.forEach((value, i) => {
          expect(Math.abs(value - bounded.v.data[i])).toBeLessThanOrEqual(bounded.b.data[i] * FLOAT64)
        })
      }),
      parameters(RUNS),
    )
  })

  test('and values weighed before the division, as in flash attention, are within the bounds of P·V', () => {
    const attention = fc.constantFrom(1, 2, 5, 12).chain((n) => fc.tuple(operand(n), operand(n)))
    fc.assert(
      fc.property(
        attention,
        fc.constantFrom(...float32Profiles),
        ways,
        seeds,
        ([z, values], profile, choices, seed) => {
          const { rules } = boundedOf(profile)
          const row = ({ v, b }: Operand): Bounded => ({ v: of(v), b: of(b), s2: of(v.map(() => 0)) })
          const bounded = rules.matmulTransposed(rules.softmax(row(z)), row(values))
          const machine = machineOf(profile, choices, seed)
          const [logits, weighed] = [z, values].map(({ v, b }) =>
            v.map((value, i) => machine.within(value, b[i])),
          )
          const value = flash(machine, logits, weighed)
          if (bounded.b.data[0] === Infinity || !Number.isFinite(value)) return
          expect(Math.abs(value - bounded.v.data[0])).toBeLessThanOrEqual(bounded.b.data[0] * FLOAT64)
        },
      ),
      parameters(RUNS),
    )
  })
})

/** Σ p·v of a row: maximum, sum and numerator going along together. */
function flash(m: Machine, logits: readonly number[], values: readonly number[]): number {
  let [max, sum, weighed] = [logits[0], 0, 0]
  for (const [i, z] of logits.entries()) {
    if (z > max) {
      const rescaling = m.exp(m.subtract(max, z))
      max = z
      sum = m.multiply(sum, rescaling)
      weighed = m.multiply(weighed, rescaling)
    }
    const power = m.exp(m.subtract(z, max))
    sum = m.add(sum, power)
    weighed = m.ways.fused ? m.fused(power, values[i], weighed) : m.add(weighed, m.multiply(power, values[i]))
  }
  return m.divide(weighed, sum)
}

function of(values: readonly number[]): Tensor {
  return tensor(Float64Array.from(values), [1, values.length])
}

function choose(data: Uint8Array, ambiguous: Uint8Array, x: Bounded): BoundedSparse {
  return chosen(choiceOf(data, ambiguous, new Uint8Array(data.length)), x)
}

function machineOf(profile: Profile, choices: Ways, seed: number): Machine {
  const source = random(seed)
  // mostly as far off as is legal
  return new Machine(profile, choices, () => Math.max(-1, Math.min(1, 4 * (2 * source.uniform() - 1))), false)
}
