import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import type { ReadKernel } from '../gpu/kernel-source.ts'
import { gpuForTests } from './gpu.ts'
import { answerTo, demandAgreement, truthOf, type Posed } from './gpu-answers.ts'
import { compositePieces, drawnFor, primitivePieces, type Extents } from './gpu-pieces.ts'
import { planted } from './planted-wgsl.ts'

const gpu = await gpuForTests({ kernels: 'scalar', blocks: true, timeoutSeconds: 110 })
const there = typeof gpu !== 'string'

/** Large enough for blocks of 16 × 16, and no multiple of anything in any direction. */
const extents: Extents = { n: 131, k: 197, m: 149 }

const posed = (name: keyof typeof pieces): Posed => {
  const piece = pieces[name]
  return { piece, tensors: drawnFor(piece, extents, 1) }
}
const pieces = {
  linear: primitivePieces['linear'],
  matmul: primitivePieces['matmul'],
  linearGelu: compositePieces.linearGelu,
  feedForward: compositePieces.feedForward,
} as const
const names = ['linear', 'matmul', 'linearGelu', 'feedForward'] as const

/** Whether `name` is answered rightly, fused where it can be. */
async function demandRight(device: Gpu, name: keyof typeof pieces): Promise<void> {
  const question = posed(name)
  const named = { scalar: await answerTo(question, device, true) }
  expect(demandAgreement(truthOf(question), named)).toBeGreaterThan(0)
}

describe.skipIf(!there)(`large layers in blocks${there ? '' : `: ${gpu}`}`, () => {
  test.each(names)('%s', async (name) => {
    if (there) await demandRight(gpu, name)
  })

  test.each<readonly [string, ReadKernel, keyof typeof pieces]>([
    ['a sign', planted('block-tiles', 'z.z12 += y2 * x1', 'z.z12 -= y2 * x1'), 'linear'],
    [
      'an index: columns of the piece before',
      planted('block-tiles', 'right(p, j + 3u)', 'right(p, j + 2u)'),
      'matmul',
    ],
    [
      'an index: the last column of a ragged layer',
      planted('product-blocks', 'shape.m - j);', 'shape.m - j - 1u);'),
      'linear',
    ],
    ['a constant: terms beyond the end', planted('block-tiles', '< vec4u(k);', '< vec4u(k + 1u);'), 'linear'],
    [
      'a sign: tails exchanged',
      planted('linear-gelu-blocks', 'sums < vec4f()', 'sums > vec4f()'),
      'linearGelu',
    ],
    [
      'an index: the bias of the column before',
      planted('linear-gelu-blocks', 'vec4u(j, j + 1u,', 'vec4u(j, j,'),
      'linearGelu',
    ],
  ])('%s is seen', async (_, readKernel, name) => {
    if (there) await expect(demandRight(gpu.reading(readKernel), name)).rejects.toThrow('scalar: ')
  })
})
