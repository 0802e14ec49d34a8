import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
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
