import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import { known, type Bounded, type BoundedMask } from '../src/verdict/bounded/bounded.ts'
import { compareMask } from '../src/verdict/judge/compare-mask.ts'
import { portable, shippedProfiles } from '../src/verdict/profile/shipped.ts'
import { primitives, type Operand } from './bounds-primitives/index.ts'
import { parameters } from './seed.ts'

const { rules } = boundedOf(portable)
const profiles = fc.constantFrom(...shippedProfiles)

/** Sixteenths, none of them 0, known exactly or within thousandths: far from where flushing counts. */
const numbers = (n: number): fc.Arbitrary<number[]> =>
  fc.array(
    fc.integer({ min: -64, max: 64 }).map((x) => (x === 0 ? 1 : x) / 16),
    { minLength: n, maxLength: n },
  )
const errors = (n: number): fc.Arbitrary<number[]> =>
  fc.array(
    fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 300 }).map((x) => x / 1000),
    ),
    { minLength: n, maxLength: n },
  )
const operand = (n: number): fc.Arbitrary<Operand> => fc.record({ v: numbers(n), b: errors(n) })
const lengths = fc.constantFrom(1, 2, 5, 12)

function row(values: readonly number[], shape: readonly number[] = [1, values.length]): Tensor {
  return tensor(Float64Array.from(values), shape)
}

/** Up to float64, and to what flushing adds at the end of float32. */
function expectSame(found: number, expected: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * expected + 1e-30)
}

describe.each(Object.entries(primitives))('%s', (name, primitive) => {
  test('what is known less well gives no smaller bound', () => {
    const operands = lengths.chain((n) =>
      fc.tuple(operand(n), operand(n), operand(name === 'linear' ? 1 : n), errors(n), fc.nat(2)),
    )
    fc.assert(
      fc.property(operands, profiles, ([x, y, z, more, which], profile) => {
        const evaluator = boundedOf(profile).rules
        const before = primitive.bounded(evaluator, [x, y, z])
        const wider = [x, y, z].map((each, i) =>
          i === which ? { v: each.v, b: each.b.map((bound, j) => bound + more[j]) } : each,
        )
        const after = primitive.bounded(evaluator, wider)
        before.b.data.forEach((bound: number, i: number) => {
          // log-softmax and softmax take sums apart in float64
          expect(after.b.data[i]).toBeGreaterThanOrEqual(bound * (1 - 1e-9))
        })
      }),
      parameters(),
    )
  })
})

describe('powers of two', () => {
  // far from both ends of float32
  const powers = fc.integer({ min: -12, max: 12 }).map((e) => 2 ** e)
  const times = ({ v, b }: Operand, k: number): Operand => ({
    v: v.map((x) => x * k),
    b: b.map((x) => x * k),
  })
  /** By how much what comes out grows where the first operand does, and all of the same kind with it. */
  const homogeneous = [
    ['add', [1, 1, 0]],
    ['subtract', [1, 1, 0]],
    ['multiply', [1, 0, 0]],
    ['sum', [1, 0, 0]],
    ['mean', [1, 0, 0]],
    ['meanPool', [1, 0, 0]],
    ['maxPool', [1, 0, 0]],
    ['product', [1, 0, 0]],
    ['linear', [1, 0, 1]],
  ] as const

  test.each(homogeneous)('scale the stream, its bounds and deviations alike: %s', (name, scaled) => {
    const operands = lengths.chain((n) =>
      fc.tuple(operand(n), operand(n), operand(name === 'linear' ? 1 : n)),
    )
    fc.assert(
      fc.property(operands, powers, ([x, y, z], k) => {
        // away from 0, as flushing is not homogeneous
        const usual = [x, y, z].map((each) => ({
          v: each.v.map((value) => value + Math.sign(value)),
          b: each.b,
        }))
        const before = primitives[name].bounded(rules, usual)
        const after = primitives[name].bounded(
          rules,
          usual.map((each, i) => (scaled[i] === 1 ? times(each, k) : each)),
        )
        before.b.data.forEach((bound: number, i: number) => {
          expectSame(after.b.data[i], bound * k)
          expectSame(after.s2.data[i], before.s2.data[i] * k * k)
        })
      }),
      parameters(),
    )
  })
})

describe('attention', () => {
  interface Attention {
    readonly scores: Bounded
    readonly heads: Bounded
  }

  function attend(q: Tensor, k: Tensor, v: Tensor): Attention {
    const scores = rules.scale(rules.matmulTransposed(known(q), known(k)), 1 / Math.sqrt(3))
    return { scores, heads: rules.matmul(rules.softmax(scores), known(v)) }
  }

  test('keys in another order have the same bounds', () => {
    const drawn = fc.tuple(
      numbers(3),
      numbers(12),
      numbers(8),
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    )
    fc.assert(
      fc.property(drawn, ([q, k, v, order]) => {
        const moved = (values: readonly number[], width: number): number[] =>
          order.flatMap((key) => values.slice(key * width, (key + 1) * width))
        const query = row(q, [1, 3])
        const before = attend(query, row(k, [4, 3]), row(v, [4, 2]))
        const after = attend(query, row(moved(k, 3), [4, 3]), row(moved(v, 2), [4, 2]))
        order.forEach((key, place) => {
          expectSame(after.scores.b.data[place], before.scores.b.data[key])
        })
        before.heads.b.data.forEach((bound: number, i: number) => {
          expectSame(after.heads.b.data[i], bound)
        })
      }),
      parameters(),
    )
  })

  test('an exact sum of integers has nothing to be off by, in whatever order its terms come', () => {
    const integers = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(integers, integers, fc.integer({ min: -20, max: 20 }), (x, y, e) => {
        const product = rules.matmulTransposed(known(row(x.map((value) => value * 2 ** e))), known(row(y)))
        expect(product.b.data[0]).toBe(0)
        let found = 0
        for (const [i, value] of x.entries()) found = Math.fround(found + Math.fround(value * 2 ** e * y[i]))
        expect(found).toBe(product.v.data[0])
      }),
      parameters(),
    )
  })
})

/** A row of scores, of which some pairs tie within noise, some within the bound only, some not at all. */
describe('masks: small ties, by bound and by noise', () => {
  const NOISE = 2 ** -20
  const BOUND = 2 ** -10

  function topOf(middles: readonly number[], budget: number): BoundedMask {
    const scores = {
      v: row(middles),
      b: row(middles.map(() => BOUND)),
      s2: row(middles.map(() => (NOISE / 30) ** 2)),
    }
    return rules.topK({ ...scores, kept: new Uint8Array(middles.length).fill(1) }, budget)
  }

  /** How far below the smallest kept, if all that swap places are, the largest dropped lies. */
  function gap(middles: readonly number[], mask: readonly number[]): number {
    const kept = middles.filter((_, i) => mask[i] === 1)
    const dropped = middles.filter((_, i) => mask[i] === 0)
    return Math.max(...dropped, -Infinity) - Math.min(...kept, Infinity)
  }

  test('a flip is legal within both bounds, and honest within both noises', () => {
    // apart: by less than noise, by less than the bounds, by more
    const steps = [0, NOISE, 1.5 * BOUND, 3 * BOUND]
    const seen = new Map<string, number>()
    for (const first of steps) {
      for (const second of steps) {
        for (const third of steps) {
          const middles = [1, 1 + first, 1 + first + second, 1 + first + second + third]
          for (let budget = 1; budget < 4; budget++) {
            const truth = topOf(middles, budget)
            for (let bits = 0; bits < 16; bits++) {
              const mask = middles.map((_, i) => (bits >> i) & 1)
              const count = mask.reduce((sum, bit) => sum + bit, 0)
              const found = compareMask(truth, { shape: [1, 4], data: Uint8Array.from(mask) })
              const off = gap(middles, mask)
              const expected =
                count !== budget || off > 2 * BOUND
                  ? ['fail']
                  : off > 2 * NOISE
                    ? ['suspect']
                    : // too many ties say nothing
                      ['pass', 'not-judged']
              expect(expected, `${middles.join()}; ${mask.join()}`).toContain(found.verdict)
              seen.set(found.verdict, (seen.get(found.verdict) ?? 0) + 1)
            }
          }
        }
      }
    }
    for (const verdict of ['fail', 'suspect', 'pass']) expect(seen.get(verdict) ?? 0).toBeGreaterThan(50)
  })
})
