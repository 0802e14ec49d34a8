import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
const leftOut = [...OF_THE_REFERENCE, ...OF_FILES]

const trials: fc.Arbitrary<Trial> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  largest: fc.integer({ min: 1, max: 14 }),
})

const gpu = await gpuForTests()

test('the laws left out are laws', () => {
  expect(laws.map(({ id }) => id)).toEqual(expect.arrayContaining(leftOut))
})

describe.skipIf(typeof gpu === 'string')(
  `laws on the GPU${typeof gpu === 'string' ? `: ${gpu}` : ''}`,
  () => {
    const shared = laws.filter(({ id }) => !leftOut.includes(id))
    test.each(shared.map((law) => [law.id, law] as const))('%s', async (_, law) => {
      if (typeof gpu === 'string') return
      let asked = 0
      await fc.assert(
        fc.asyncProperty(trials, async (trial) => {
          asked += await holdsOnGpu(gpu, law, trial)
        }),
        parameters(RUNS),
      )
      expect(asked, 'nothing was asked of the GPU').toBeGreaterThan(0)
    })
  },
)
