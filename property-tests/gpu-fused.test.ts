import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readKernelFile } from '../gpu/kernel-source.ts'
import { findEquation } from '../src/cases/names.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample, type SampleOptions } from '../src/catalogue/sample.ts'
import { hasComposites } from '../src/verification/gpu.ts'
import { gpuForTests } from './gpu.ts'
import { testFusedEdges, verdictOf } from './gpu-fused-edges.ts'
import { answerOn, fusedOn } from './gpu-lab.ts'
import { parameters } from './seed.ts'

const RUNS = 4
const gpu = await gpuForTests({ kernels: 'scalar' })
const there = typeof gpu !== 'string'
const composed = catalogue.filter(hasComposites)

test('what has composites', () => {
  expect(composed.map(({ id }) => id)).toEqual([
    'stvit/eq1',
    'stvit/eq2',
    'stvit/eq4',
    'stvit/eq5',
    'stvit/eq6',
    'stvit/local-cross-attention',
    'stvit/stgm',
    'stvit/window-recovery',
    'stvit/dumbbell',
    'sparsifiner/attention',
    'sparsifiner/linformer',
  ])
})

describe.skipIf(!there)(`fused kernels, judged like any runtime${there ? '' : `: ${gpu}`}`, () => {
  test.each(composed.map((equation) => [equation.id, equation] as const))('%s', async (_, equation) => {
    if (!there) return
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
        expect(await verdictOf(gpu, sample(equation, seed))).toBe('pass')
      }),
      parameters(RUNS),
    )
  })
})

/** Extents around tiles and workgroups: one, less than a tile, and one either side of a workgroup of 64. */
const RAGGED = [1, 3, 63, 65, 197]

/** A ragged question of each composite, one extent at a time. */
const ragged: readonly (readonly [string, string, (extent: number) => SampleOptions])[] = [
  ['keys', 'stvit/eq1', (Ni) => ({ lead: [], sizes: { Ns: 5, Ni, C: 8 }, config: { heads: 2 } })],
  ['queries', 'stvit/eq6', (Nx) => ({ lead: [2], sizes: { Nx, Ns: 3, C: 6 }, config: { heads: 3 } })],
  ['heads’ width', 'stvit/eq2', (C) => ({ lead: [2], sizes: { Ns: 2, Ni: 3, C }, config: { heads: 1 } })],
  ['inner width', 'stvit/eq6', (r) => ({ lead: [2], sizes: { Nx: 3, Ns: 2, C: 2, rC: r } })],
  ['channels', 'stvit/eq5', (C) => ({ lead: [2], sizes: { H: 5, W: 7, C }, config: { ws: 2 } })],
  ['rows', 'stvit/eq5', (H) => ({ lead: [], sizes: { H, W: 2, C: 3 }, config: { ws: 1 } })],
  [
    'tokens',
    'sparsifiner/attention',
    (n) => ({
      lead: [],
      sizes: { n, C: 6, m: 5 },
      config: { heads: 2, normalize: 'masked', keep_rate: 0.4 },
    }),
  ],
  [
    'tokens attended whole',
    'sparsifiner/attention',
    (n) => ({ lead: [2], sizes: { n, C: 5, m: 3 }, config: { heads: 1, normalize: 'full', keep_rate: 0.4 } }),
  ],
  [
    'width',
    'sparsifiner/attention',
    (C) => ({ lead: [], sizes: { n: 6, C, m: 3 }, config: { heads: 1, normalize: 'masked' } }),
  ],
  ['projected keys', 'sparsifiner/linformer', (m) => ({ lead: [3], sizes: { n: 5, m, d: 7 } })],
]

describe.skipIf(!there)('ragged sizes in fused kernels', () => {
  test.each(ragged)('%s of %s', async (_, id, options) => {
    if (!there) return
    for (const extent of RAGGED) {
      expect(await verdictOf(gpu, sample(findEquation(id), 1, options(extent))), `${extent}`).toBe('pass')
    }
  })
})

testFusedEdges(gpu)

describe.skipIf(!there)('a fused kernel', () => {
  /** The kernels that answering takes, and the answer. */
  const kernelsFor = async (id: string, wanted?: (name: string) => boolean): Promise<Set<string>> => {
    const read = new Set<string>()
    if (!there) return read
    const reading = gpu.reading((name) => (read.add(name), readKernelFile(name)))
    await fusedOn(reading, sample(findEquation(id), 1, { largest: 4 }), wanted)
    return read
  }

  test('is not used where an intermediate inside is asked for', async () => {
    expect(await kernelsFor('stvit/eq1')).toContain('attention')
    expect(await kernelsFor('stvit/eq1')).not.toContain('softmax')
    for (const inside of ['scores', 'A']) {
      expect(await kernelsFor('stvit/eq1', (name) => name === inside)).not.toContain('attention')
    }
    expect(await kernelsFor('stvit/eq1', (name) => name === 'heads')).toContain('attention')
    const others = [
      ['stvit/eq1', 'fc1', 'linear-gelu'],
      ['stvit/eq5', 'intra.dw', 'pooling-features'],
      ['sparsifiner/attention', 'eq2.A_tilde', 'mask-predictor'],
      ['sparsifiner/attention', 'eq4.logits', 'sparse-attention'],
    ] as const
    for (const [id, inside, kernel] of others) {
      expect(await kernelsFor(id)).toContain(kernel)
      const unfused = await kernelsFor(id, (name) => name.endsWith(inside) || name.endsWith('inter.dw'))
      expect(unfused, inside).not.toContain(kernel)
    }
  })

  test('gives what was asked for and nothing else, to the bit as without it where it is not used', async () => {
    if (!there) return
    const question = sample(findEquation('stvit/eq1'), 1)
    const whole = await answerOn(gpu, question)
    const fused = await fusedOn(gpu, question, () => true)
    expect(fused).toEqual(whole)
    expect([...(await fusedOn(gpu, question)).keys()]).toEqual(['S_hat', 'S'])
  })

  test('depends on no size of workgroups', async () => {
    if (!there) return
    const sizes = { Ns: 9, Ni: 65, C: 24 }
    const question = sample(findEquation('stvit/eq1'), 3, { sizes, config: { heads: 3 }, lead: [2] })
    const expected = await fusedOn(gpu, question)
    const other = await gpuForTests({ kernels: 'scalar', workgroupSize: 1 })
    if (typeof other !== 'string') expect(await fusedOn(other, question)).toEqual(expected)
  })
})
