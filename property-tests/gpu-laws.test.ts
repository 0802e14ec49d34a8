import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRODUCT_TILES } from '../gpu/arithmetic/products.ts'
import type { GpuOptions } from '../gpu/index.ts'
import { laws, type Trial } from '../src/laws/index.ts'
import { gpuForTests } from './gpu.ts'
import { holdsOnGpu } from './gpu-lab.ts'
import { parameters } from './seed.ts'

const RUNS = 2

/** Laws of how the reference rounds, which no float32 runtime has to share. */
const OF_THE_REFERENCE: readonly string[] = [
  // its sums are float64: the mean of equal numbers is that number
  'a-constant-map-pools-to-its-constant',
  // its compressed rows and its whole rows have the same bits
  'choosing-by-compressed-rows-is-choosing-by-whole-rows',
  'attending-by-compressed-rows-is-attending-by-whole-rows',
]

/** Laws of files, which ask nothing of whoever computes. */
const OF_FILES: readonly string[] = [
  'what-is-written-is-read',
  'the-order-of-tensors-does-not-show',
  'a-damaged-file-is-refused-or-read',
]
/** Laws of equal bits between scores of all keys and of those kept, which are two kernels there, of two orders of sums. */
const OF_ONE_ORDER: readonly string[] = ['budget-n-is-dense-attention', 'kept-logits-are-the-dense-logits']

const everywhere = [...OF_THE_REFERENCE, ...OF_FILES]
/** One tile for all products: of several, in their two orders of sums, batches would choose another than what is alone. */
const tile = PRODUCT_TILES.find(({ kernel }) => kernel === 'product-workgroup')
const forms: readonly (GpuOptions & { readonly leftOut: readonly string[] })[] = [
  { kernels: 'scalar', leftOut: everywhere },
  { kernels: 'workgroup', tile, leftOut: [...everywhere, ...OF_ONE_ORDER] },
]

const trials: fc.Arbitrary<Trial> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  largest: fc.integer({ min: 1, max: 14 }),
})

test('the laws left out are laws', () => {
  expect(laws.map(({ id }) => id)).toEqual(expect.arrayContaining([...everywhere, ...OF_ONE_ORDER]))
})

for (const { leftOut, ...options } of forms) {
  const gpu = await gpuForTests({ ...options, timeoutSeconds: 120 })
  const there = typeof gpu !== 'string'
  describe.skipIf(!there)(`laws on the GPU, kernels ${options.kernels}${there ? '' : `: ${gpu}`}`, () => {
    const shared = laws.filter(({ id }) => !leftOut.includes(id))
    test.each(shared.map((law) => [law.id, law] as const))('%s', async (_, law) => {
      if (!there) return
      let asked = 0
      await fc.assert(
        fc.asyncProperty(trials, async (trial) => {
          asked += await holdsOnGpu(gpu, law, trial)
        }),
        parameters(RUNS),
      )
      expect(asked, 'nothing was asked of the GPU').toBeGreaterThan(0)
    })
  })
}
