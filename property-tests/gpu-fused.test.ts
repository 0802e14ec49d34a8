import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import { readKernelFile } from '../gpu/kernel-source.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import type { Question } from '../src/cases/question.ts'
import { findEquation } from '../src/cases/names.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample, type SampleOptions } from '../src/catalogue/sample.ts'
import { ask, valuesOf } from '../src/laws/questions.ts'
import { judging } from '../src/verification/cases.ts'
import { hasComposites } from '../src/verification/gpu.ts'
import { gpuForTests } from './gpu.ts'
import { answerOn, fusedOn } from './gpu-lab.ts'
import { parameters } from './seed.ts'

const RUNS = 4
const gpu = await gpuForTests()
const there = typeof gpu !== 'string'
const composed = catalogue.filter(hasComposites)

async function verdictOf(device: Gpu, question: Question): Promise<string> {
  const { verdict, outputs } = judging({ question, file: null, seed: 0 })(await fusedOn(device, question))
  const wrong = outputs.filter((output) => output.verdict !== 'pass')
  return wrong.length === 0 ? verdict : `${verdict}: ${JSON.stringify(wrong)}`
}

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

const real = (shape: readonly number[], value: (i: number) => number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((n, extent) => n * extent, 1) }, (_, i) => value(i)),
    shape,
  )

describe.skipIf(!there)('edges of fused kernels', () => {
  /** Linformer of one query to as many keys as there are scores, which are what `scores` says. */
  const attending = (scores: readonly number[], scale: number): Question => {
    const m = scores.length
    const unit = real([m, m], (i) => (i % (m + 1) === 0 ? 1 : 0))
    return ask(
      'sparsifiner/linformer',
      valuesOf({
        'input.Q': real([m, 1], () => 1),
        'input.K': real([m, 1], (i) => scores[i]),
        'input.V': real([m, 1], (i) => i),
        'param.E': unit,
        'param.F': unit,
      }),
      { scale },
    )
  }
  const attended = async (scores: readonly number[], scale = 1): Promise<number> => {
    if (!there) return NaN
    const X_next = (await fusedOn(gpu, attending(scores, scale))).get('X_next')
    return X_next?.kind === 'dense' ? X_next.tensor.data[0] : NaN
  }

  /** What the mean of 0 … m − 1 may be off: two sums of m weights that are alike, and a division of 2.5 ULP; u = 2⁻²⁴. */
  const uniformly = (m: number): number => (2 * m + 5) * 2 ** -24 * ((m - 1) / 2)

  test('rows of large negative scores share the attention, however many keys come first', async () => {
    if (!there) return
    for (const m of [1, 3, 4, 5, 64, 65]) {
      for (const scale of [1e18, -1e18]) {
        const off = (await attended(new Array<number>(m).fill(-1e18), scale)) - (m - 1) / 2
        expect(Math.abs(off)).toBeLessThanOrEqual(uniformly(m))
      }
    }
  })

  test('one score far above the others takes all, wherever it stands', async () => {
    if (!there) return
    for (const m of [9, 130]) {
      for (const at of [0, 1, 4, 5, 8, 63, 64, 129].filter((place) => place < m)) {
        const scores = Array.from({ length: m }, (_, i) => (i === at ? 1000 : -1000))
        expect(await attended(scores)).toBe(at)
      }
    }
  })

  test('rows that keep nothing attend to nothing: what is left is the bias', async () => {
    if (!there) return
    for (const config of [{ budget: 0 }, { tau: 1, budget: 3 }]) {
      const question = sample(findEquation('sparsifiner/attention'), 1, {
        lead: [2],
        sizes: { n: 5, C: 6, m: 3 },
        config: { heads: 2, normalize: 'masked', class_row: 'sparse', ...config },
        has: () => true,
      })
      expect(await verdictOf(gpu, question)).toBe('pass')
      const attn = (await fusedOn(gpu, question)).get('attn')
      const bias = question.tensors.get('param.attn.proj.bias')
      if (attn?.kind !== 'dense' || bias?.kind !== 'dense') throw new TypeError('no attn, or no bias')
      expect(attn.tensor.data.slice(0, 6)).toEqual(bias.tensor.data)
    }
  })

  test('one token of one channel, with and without what is optional', async () => {
    if (!there) return
    for (const has of [true, false]) {
      const sizes = { Nx: 1, Ns: 1, C: 1, rC: 1 }
      const question = sample(findEquation('stvit/eq6'), 1, {
        sizes,
        lead: [],
        config: { heads: 1 },
        has: () => has,
      })
      expect(await verdictOf(gpu, question)).toBe('pass')
    }
  })

  test('subnormal scores weigh alike', async () => {
    if (!there) return
    const off = (await attended([2 ** -149, 0, -(2 ** -149), 2 ** -130, -0])) - 2
    expect(Math.abs(off)).toBeLessThanOrEqual(uniformly(5))
  })
})

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
    const other = await gpuForTests({ workgroupSize: 1 })
    if (typeof other !== 'string') expect(await fusedOn(other, question)).toEqual(expected)
  })
})
