import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactAnswer } from '../reference/exact/index.ts'
import { exactly, type Ball } from '../reference/exact/numbers/ball.ts'
import { either, magnitudeAtLeast } from '../reference/exact/numbers/error-bounds.ts'
import { exp, gelu, log1p, sqrt } from '../reference/exact/numbers/functions.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { parameters } from './seed.ts'

const RUNS = 200
const EQUATION_RUNS = 2

/** Fails where two values of one number are further apart than both bounds together, or exactness came and went. */
function agree(narrow: Ball, wide: Ball): void {
  if (narrow.isExact) {
    expect(wide.isExact).toBe(true)
    expect(narrow.value.equals(wide.value)).toBe(true)
    return
  }
  const difference = wide.value.minus(narrow.value)
  if (difference.isZero()) return
  expect(magnitudeAtLeast(difference)).toBeLessThanOrEqual(either(narrow.error, wide.error))
}

/** A formula as it is computed with some number of digits. */
type Formula = (of: (x: number) => Ball) => Ball

const leaf: fc.Arbitrary<Formula> = fc
  .oneof(fc.float({ min: -50, max: 50, noNaN: true }), fc.constantFrom(0, 1, -1, 3, 1e-30, -1e20, 2 ** -149))
  .map((x) => (of) => of(x))

const { formula } = fc.letrec<{ formula: Formula }>((tie) => {
  const one = tie('formula')
  const two = fc.tuple(one, one)
  return {
    formula: fc.oneof(
      { maxDepth: 4 },
      leaf,
      two.map(
        ([a, b]): Formula =>
          (of) =>
            a(of).plus(b(of)),
      ),
      two.map(
        ([a, b]): Formula =>
          (of) =>
            a(of).minus(b(of)),
      ),
      two.map(
        ([a, b]): Formula =>
          (of) =>
            a(of).times(b(of)),
      ),
      two.map(
        ([a, b]): Formula =>
          (of) =>
            a(of).dividedBy(squared(b(of)).plus(of(0.5))),
      ),
      one.map(
        (a): Formula =>
          (of) =>
            sqrt(squared(a(of))),
      ),
      one.map(
        (a): Formula =>
          (of) =>
            exp(squared(a(of)).negated()),
      ),
      one.map(
        (a): Formula =>
          (of) =>
            log1p(squared(a(of))),
      ),
      one.map(
        (a): Formula =>
          (of) =>
            gelu(a(of)),
      ),
    ),
  }
})

function squared(x: Ball): Ball {
  return x.times(x)
}

test('the bound with 30 digits reaches to what 120 digits say', () => {
  fc.assert(
    fc.property(formula, (compute) => {
      agree(compute((x) => exactly(x, 30)), compute((x) => exactly(x, 120))) // prettier-ignore
    }),
    parameters(RUNS),
  )
})

describe.each(catalogue.map((equation) => [equation.id, equation] as const))('%s', (_, equation) => {
  test('32 and 96 digits agree within their bounds, and choose the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const question = sample(equation, seed, { largest: 4 })
        const narrow = exactAnswer(question, { digits: 32 })
        for (const [name, wide] of exactAnswer(question, { digits: 96 })) {
          const same = narrow.get(name)
          if (wide.kind === 'mask' || same?.kind !== 'dense') expect(same).toEqual(wide)
          else wide.values.forEach((ball, index) => agree(same.values[index], ball))
        }
      }),
      parameters(EQUATION_RUNS),
    )
  })
})
