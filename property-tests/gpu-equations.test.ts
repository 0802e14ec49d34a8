import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openDevice } from '../gpu/device/device.ts'
import { STORAGE_USAGE } from '../gpu/flags.ts'
import { catalogue, equations } from '../src/catalogue/index.ts'
import { sample, type SampleOptions } from '../src/catalogue/sample.ts'
import { gpuForTests } from './gpu.ts'
import { testEdges, verdictOn } from './gpu-edges.ts'
import { answerOn } from './gpu-lab.ts'
import { parameters } from './seed.ts'

const RUNS = 3
const gpu = await gpuForTests()
const there = typeof gpu !== 'string'

describe.skipIf(!there)(`the catalogue on the GPU${there ? '' : `: ${gpu}`}`, () => {
  test.each(catalogue.map((equation) => [equation.id, equation] as const))('%s', async (_, equation) => {
    if (!there) return
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
        expect(await verdictOn(gpu, sample(equation, seed))).toBe('pass')
      }),
      parameters(RUNS),
    )
  })
})

/** Extents around tiles and workgroups: one, less than a tile, and one either side of a workgroup of 64. */
const RAGGED = [1, 3, 63, 65, 197]

/** A ragged question of some equations, one extent at a time. */
const ragged: readonly (readonly [string, (extent: number) => SampleOptions])[] = [
  ['stvit/eq1', (Ni) => ({ lead: [], sizes: { Ns: 5, Ni, C: 8 }, config: { heads: 2 } })],
  ['stvit/eq2', (Ns) => ({ lead: [2], sizes: { Ns, Ni: 7, C: 20 }, config: { heads: 1, residual: 'S1' } })],
  ['stvit/eq6', (Nx) => ({ lead: [], sizes: { Nx, Ns: 3, C: 6 }, config: { heads: 3 } })],
  ['sparsifiner/eq1', (n) => ({ lead: [2], sizes: { n, m: 17, d: 5 } })],
  ['sparsifiner/eq3', (n) => ({ lead: [], sizes: { n, m: 9 }, config: { keep_rate: 0.3 } })],
  ['sparsifiner/eq4', (n) => ({ lead: [2], sizes: { n, d: 17 }, config: { normalize: 'masked' } })],
  ['sparsifiner/eq6', (n) => ({ lead: [], sizes: { n, d: 3 } })],
  ['sparsifiner/eq9', (k) => ({ sizes: { B: 3, k } })],
  ['sparsifiner/eq11', (n) => ({ sizes: { m: 65, n } })],
]

describe.skipIf(!there)('ragged sizes on the GPU', () => {
  test.each(ragged)('%s', async (id, options) => {
    if (!there) return
    const equation = equations.find((one) => one.id === id)
    if (equation === undefined) throw new TypeError(id)
    for (const extent of RAGGED) {
      expect(await verdictOn(gpu, sample(equation, 1, options(extent))), `${extent}`).toBe('pass')
    }
  })
})

describe.skipIf(!there)('an equation on the GPU', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('is one submit and one reading', async () => {
    if (!there) return
    const device = await openDevice({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
    const queues: GPUQueue = Object.getPrototypeOf(device.gpu.queue)
    const buffer = device.gpu.createBuffer({ size: 4, usage: STORAGE_USAGE })
    const buffers: GPUBuffer = Object.getPrototypeOf(buffer)
    device.close()
    const submit = vi.spyOn(queues, 'submit')
    const map = vi.spyOn(buffers, 'mapAsync')
    for (const equation of catalogue) {
      // kernels are compiled, and run on nothing, at their first use
      await answerOn(gpu, sample(equation, 1))
      submit.mockClear()
      map.mockClear()
      await answerOn(gpu, sample(equation, 1))
      expect([submit.mock.calls.length, map.mock.calls.length], equation.id).toEqual([1, 1])
    }
  })
})

testEdges(gpu)
