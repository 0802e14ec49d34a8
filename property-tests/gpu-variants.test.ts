import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import type { Kinds } from '../reference/arithmetic.ts'
import type { Intake } from '../reference/evaluator.ts'
import { float32 } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { read, type Exposed } from '../src/arithmetics/recording.ts'
import { gpuForTests } from './gpu.ts'
import { answerTo, demandAgreement, posed, truthOf } from './gpu-answers.ts'
import { forms, tiles, type Form } from './gpu-forms.ts'
import { compositePieces, primitivePieces, type Piece } from './gpu-pieces.ts'
import { parameters } from './seed.ts'

const RUNS = 3
/** In milliseconds: every device compiles every kernel anew. */
const PATIENCE = 400_000

interface Open {
  readonly form: Form
  readonly gpu: Gpu
}

/** A device for each form; or why there is none. */
async function opened(all: readonly Form[]): Promise<readonly Open[] | string> {
  const ready: Open[] = []
  for (const form of all) {
    const gpu = await gpuForTests(form.options)
    if (typeof gpu === 'string') return gpu
    ready.push({ form, gpu })
  }
  return ready
}

/** Answers in all forms pass the verdict, are no further apart than their bounds, and have the same bits where sums keep their order. */
async function demandAlike(ready: readonly Open[], piece: Piece, fuse: boolean): Promise<void> {
  let judged = 0
  await fc.assert(
    fc.asyncProperty(posed(piece), async (question) => {
      const named: Record<string, Awaited<ReturnType<typeof answerTo>>> = {}
      const ofOrder = new Map<string, string>()
      for (const { form, gpu } of ready) {
        const { data } = (named[form.name] = await answerTo(question, gpu, fuse))
        const first = ofOrder.get(form.order) ?? form.name
        ofOrder.set(form.order, first)
        expect(data, `${first} and ${form.name}`).toEqual(named[first].data)
      }
      judged += demandAgreement(truthOf(question), named)
    }),
    parameters(RUNS),
  )
  expect(judged).toBeGreaterThan(0)
}

const pieces = [
  ...Object.entries(primitivePieces).map(([name, piece]) => [name, piece, false] as const),
  ...Object.entries(compositePieces).map(([name, piece]) => [`${name}, fused`, piece, true] as const),
]
const inForms = await opened(forms)

describe.skipIf(typeof inForms === 'string')('in every form of kernels, and workgroups of any size', () => {
  test.each(pieces)(
    '%s',
    async (_, piece, fuse) => {
      if (typeof inForms !== 'string') await demandAlike(inForms, piece, fuse)
    },
    PATIENCE,
  )
})

/** Few numbers, so that many are equal, and what there is at the edges of the order of floats. */
const few = fc.constantFrom(0, -0, 1, -1, 2, -2, 2 ** -149, -(2 ** -149), 2 ** -126, Infinity, -Infinity)

/** Two rows of ragged length, how many of each to keep, and what they are compared with. */
const scores = fc.constantFrom(1, 3, 63, 65, 197).chain((m) =>
  fc.record({
    x: fc
      .array(few, { minLength: 2 * m, maxLength: 2 * m })
      .map((values) => tensor(Float32Array.from(values), [2, m])),
    budget: fc.integer({ min: 0, max: m + 1 }),
    limit: fc.constantFrom(0, 1, 2 ** -149),
  }),
)

/** What is kept of them: nothing is computed, so no two arithmetics may differ in a bit. */
function kept<K extends Kinds>(
  { rules, dense }: Intake<K>,
  { x: given, budget, limit }: { readonly x: Tensor; readonly budget: number; readonly limit: number },
): Exposed<K>[] {
  const x = dense(given)
  const held = rules.compress(x)
  const mask = rules.topK(held, budget)
  return [
    { kind: 'mask', x: mask },
    { kind: 'sparse', x: rules.select(mask, x) },
    { kind: 'sparse', x: held },
    { kind: 'sparse', x: rules.threshold(x, limit) },
    { kind: 'sparse', x: rules.thresholdMagnitude(x, limit) },
  ]
}

describe.skipIf(typeof inForms === 'string')('what is kept is to the bit what the reference keeps', () => {
  test('of ties, zeros, subnormals and infinities', { timeout: PATIENCE }, async () => {
    if (typeof inForms === 'string') return
    const reference = float32()
    await fc.assert(
      fc.asyncProperty(scores, async (given) => {
        const expected = kept(reference, given).map((one) => read(reference, one))
        for (const { form, gpu } of inForms) {
          const session = await gpu.session()
          expect(await session.read(kept(session, given)), form.name).toEqual(expected)
          session.close()
        }
      }),
      parameters(20),
    )
  })
})

describe.skipIf(typeof inForms === 'string')('masks predicted in one kernel', () => {
  test('are the same in every form, but where a rounding decides', { timeout: PATIENCE }, async () => {
    if (typeof inForms === 'string') return
    for (const question of fc.sample(posed(compositePieces.maskPredictor), { numRuns: 5, seed: 7 })) {
      const [{ data: first }, ...others] = await Promise.all(
        inForms.map(({ gpu }) => answerTo(question, gpu, true)),
      )
      for (const { data } of others) {
        const apart = data.filter((value, i) => value !== first[i])
        expect(apart.length).toBeLessThanOrEqual(first.length / 1000)
      }
    }
  })
})

const { matmul, matmulTransposed, linear } = primitivePieces
const { linearGelu, normLinear } = compositePieces
const inTiles = await opened(tiles)

describe.skipIf(typeof inTiles === 'string')('in every tile', () => {
  test.each(Object.entries({ matmul, matmulTransposed, linear, linearGelu, normLinear }))(
    '%s',
    async (_, piece) => {
      if (typeof inTiles !== 'string') await demandAlike(inTiles, piece, true)
    },
    PATIENCE,
  )
})
