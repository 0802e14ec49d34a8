import fc from 'fast-check'
import type { Value } from '../reference/evaluator.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import { buildQuestion, type Question } from '../src/cases/question.ts'
import type { Equation } from '../src/catalogue/schema.ts'
import { sample } from '../src/catalogue/sample.ts'

const LEAST = 2 ** -149

/** Numbers that runtimes trip over: subnormals, both ends of what products survive, neighbours of 1, whole numbers that tie. */
const number: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
  fc.integer({ min: -9, max: 9 }).map((n) => n * LEAST),
  fc.float({ min: Math.fround(-1e-36), max: Math.fround(1e-36), noNaN: true }),
  fc.constantFrom(1e30, -1e30, 1e-30, -1e-30, 1 + 2 ** -23, 1 - 2 ** -24, 2 ** 24 + 2, -(2 ** 24)),
)

/** A row by its kind: as it comes, one-hot, all equal, cancelling in pairs but for a little, nearly constant, scaled, of zeros. */
function row(width: number): fc.Arbitrary<readonly number[]> {
  const fill = (x: number): number[] => Array.from({ length: width }, () => x)
  const index = fc.integer({ min: 0, max: width - 1 })
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(number, { minLength: width, maxLength: width }) },
    fc.tuple(index, fc.constantFrom(1, 40, 1e30, 1e-30)).map(([hot, x]) => fill(0).with(hot, x)),
    number.map(fill),
    fc
      .tuple(fc.array(number, { minLength: width, maxLength: width }), fc.constantFrom(0, 1e-7, LEAST))
      .map(([xs, rest]) => xs.map((_, i) => (i % 2 === 0 ? xs[i] : -xs[i - 1] + rest))),
    fc
      .tuple(number, fc.array(fc.integer({ min: -2, max: 2 }), { minLength: width, maxLength: width }))
      .map(([x, steps]) => steps.map((step) => x * (1 + step * 2 ** -23))),
    fc.constant(fill(0)),
  )
}

/** A float32 tensor of rows of every kind, then all of it scaled. */
export function nastyTensor(shape: Shape): fc.Arbitrary<Tensor> {
  const width = shape.at(-1) ?? 1
  const count = sizeOf(shape) / width
  return fc
    .tuple(
      fc.array(row(width), { minLength: count, maxLength: count }),
      fc.constantFrom(1, 1, 1, 1, 1e-30, 1e-3, 1e3),
    )
    .map(([rows, scale]) =>
      tensor(
        Float32Array.from(rows.flat(), (x) => x * scale),
        shape,
      ),
    )
}

/** A mask as numbers, empty and full rows among them. */
export function nastyMask(shape: Shape): fc.Arbitrary<Tensor> {
  const width = shape.at(-1) ?? 1
  const bit = fc.constantFrom(0, 1)
  const one = fc.oneof(
    fc.array(bit, { minLength: width, maxLength: width }),
    bit.map((x) => Array.from({ length: width }, () => x)),
  )
  const count = sizeOf(shape) / width
  return fc
    .array(one, { minLength: count, maxLength: count })
    .map((rows) => tensor(Float32Array.from(rows.flat()), shape))
}

/** A small drawn question of which some tensors are made nasty, all but one of them or all. */
export function nastyQuestion(equation: Equation, largest: number): fc.Arbitrary<Question> {
  const drawn = fc.record({
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    largest: fc.integer({ min: 1, max: largest }),
  })
  return drawn.chain(({ seed, largest: most }) => {
    const question = sample(equation, seed, { largest: most })
    const changed = [...question.tensors].map(([name, value]): fc.Arbitrary<readonly [string, Value]> => {
      if (value.kind === 'mask') {
        return nastyMask(value.mask.shape).map(
          ({ data }) =>
            [name, { kind: 'mask', mask: { shape: value.mask.shape, data: Uint8Array.from(data) } }] as const,
        )
      }
      const nasty = nastyTensor(value.tensor.shape).map((x) => [name, { kind: 'dense', tensor: x }] as const)
      return fc.oneof({ weight: 2, arbitrary: fc.constant([name, value] as const) }, nasty)
    })
    return fc.tuple(...changed).map((tensors) => buildQuestion(equation, new Map(tensors), question.asked))
  })
}
