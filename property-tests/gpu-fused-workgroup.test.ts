import { describe, expect, test } from 'vitest'
import { PRODUCT_TILES } from '../gpu/arithmetic/products.ts'
import type { Gpu } from '../gpu/index.ts'
import { readKernelFile, type ReadKernel } from '../gpu/kernel-source.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import type { Question } from '../src/cases/question.ts'
import { findEquation } from '../src/cases/names.ts'
import { catalogue, equations } from '../src/catalogue/index.ts'
import { primitivesOf } from '../src/catalogue/probes/primitives-of.ts'
import { sample, type SampleOptions } from '../src/catalogue/sample.ts'
import { judging } from '../src/verification/cases.ts'
import { hasComposites } from '../src/verification/gpu.ts'
import { gpuForTests } from './gpu.ts'
import { testFusedEdges } from './gpu-fused-edges.ts'
import { answerOn, attending, fusedOn, layers } from './gpu-lab.ts'
import { planted } from './planted-wgsl.ts'

/** On a GPU in software, kernels with barriers take seconds to compile. */
const PATIENT = 600_000
/** Products by workgroups, however small; else few of small questions would be. */
const tile = PRODUCT_TILES.find(({ kernel }) => kernel === 'product-workgroup')

const gpu = await gpuForTests({ kernels: 'workgroup', tile, timeoutSeconds: PATIENT / 1000 })
const there = typeof gpu !== 'string'

/** The lowest number that a float32 can be. */
const F32_LOWEST = -(2 - 2 ** -23) * 2 ** 127

type Way = typeof answerOn

/** Of what a module may be made of, that which has composites. */
const composing = { pooling: 'eq5', class_row: 'dense' }

async function wrong(device: Gpu, question: Question, way: Way): Promise<string[]> {
  const { outputs } = judging({ question, file: null, seed: 0 })(await way(device, question))
  return outputs.filter(({ verdict }) => verdict !== 'pass').map((output) => JSON.stringify(output))
}

/** Ids of what a few questions, all params that there may be in them, find wrong. */
async function red(device: Gpu, way: Way, ids: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const id of ids) {
    const equation = findEquation(id)
    const chosen = Object.entries(composing).filter(([key]) => key in equation.config)
    const config = chosen.length === 0 ? undefined : Object.fromEntries(chosen)
    for (const seed of [1, 2, 3]) {
      const question = sample(equation, seed, { has: () => true, ...(config && { config }) })
      if ((await wrong(device, question, way)).length === 0) continue
      found.push(id)
      break
    }
  }
  return found
}

const all = catalogue.map(({ id }) => id)
const composed = catalogue.filter(hasComposites).map(({ id }) => id)

describe.skipIf(!there)(`kernels of workgroups${there ? '' : `: ${gpu}`}`, () => {
  test('are right unfused', { timeout: PATIENT }, async () => {
    if (there) expect(await red(gpu, answerOn, all)).toEqual([])
  })

  test('are right fused', { timeout: PATIENT }, async () => {
    if (there) expect(await red(gpu, fusedOn, composed)).toEqual([])
  })
})

/** Extents around tiles and workgroups: one, less than a tile, and one either side of a workgroup of 64. */
const RAGGED = [1, 3, 63, 65, 197]

/** What has each extent of each kernel in turn. */
const ragged: readonly (readonly [what: string, id: string, options: (extent: number) => SampleOptions])[] = [
  ['rows of a product, of a network', 'stvit/eq6', (Nx) => ({ sizes: { Nx, Ns: 2, C: 4, rC: 5 } })],
  [
    'terms, rows of a norm',
    'stvit/eq6',
    (C) => ({ sizes: { Nx: 5, Ns: 2, C, rC: 7 }, config: { heads: 1 } }),
  ],
  ['hidden units', 'stvit/eq6', (rC) => ({ sizes: { Nx: 3, Ns: 2, C: 8, rC } })],
  ['keys', 'stvit/eq1', (Ni) => ({ sizes: { Ns: 5, Ni, C: 8 }, config: { heads: 2 } })],
  ['projected keys and values', 'sparsifiner/linformer', (n) => ({ sizes: { n, m: 6, d: 7 } })],
  ['classes', 'sparsifiner/eq7', (k) => ({ lead: [], sizes: { k } })],
  ['columns of scores', 'sparsifiner/eq3', (n) => ({ sizes: { n, m: 9 }, config: { keep_rate: 0.3 } })],
  ['elements of a sum', 'sparsifiner/eq11', (n) => ({ lead: [], sizes: { m: 65, n } })],
  ['channels of a map', 'stvit/eq5', (C) => ({ sizes: { H: 5, W: 7, C }, config: { ws: 2 } })],
  ['tokens of a window', 'stvit/eq5', (H) => ({ sizes: { H, W: 2, C: 3 }, config: { ws: 1 } })],
  [
    'projected keys of a mask',
    'sparsifiner/attention',
    (m) => ({ sizes: { n: 6, C: 6, m }, config: { heads: 1, normalize: 'masked', keep_rate: 0.5 } }),
  ],
  [
    'entries of whole rows',
    'sparsifiner/attention',
    (n) => ({ sizes: { n, C: 5, m: 3 }, config: { heads: 1, normalize: 'full', keep_rate: 0.4 } }),
  ],
  [
    'entries of a masked softmax',
    'sparsifiner/attention',
    (n) => ({ sizes: { n, C: 6, m: 5 }, config: { heads: 2, normalize: 'masked', keep_rate: 0.4 } }),
  ],
]

describe.skipIf(!there)('ragged sizes in kernels of workgroups', () => {
  test.each(ragged)('%s: %s', { timeout: PATIENT }, async (_, id, options) => {
    if (!there) return
    for (const extent of RAGGED) {
      const question = sample(findEquation(id), 1, { lead: [2], has: () => true, ...options(extent) })
      expect(await wrong(gpu, question, answerOn), `${extent}`).toEqual([])
      expect(await wrong(gpu, question, fusedOn), `${extent}, fused`).toEqual([])
    }
  })
})

/** Where Eq. (5) pools. */
const pooling = ['stvit/eq5', 'stvit/stgm', 'stvit/dumbbell']

const mutants: readonly (readonly [what: string, ReadKernel, readonly string[]])[] = [
  [
    'a sign: attention to what is least alike',
    planted('attention-workgroup', 's.z00 * shape.factor', 's.z00 * -shape.factor'),
    attending,
  ],
  [
    'an index: two keys exchanged',
    planted('attention-workgroup', '(k_first + min(j,', '(k_first + min(j ^ 1u,'),
    attending,
  ],
  [
    'an index: values of the entry before',
    planted('sparse-attention-workgroup', 'places[e])', 'places[max(e, 1u) - 1u])'),
    ['sparsifiner/attention'],
  ],
  [
    'a sign: the mean added in the norm on the way to a product',
    planted('norm-linear-workgroup', '(four - moments.x)', '(four + moments.x)'),
    layers,
  ],
  [
    'a constant: an ε of a hundredth in the moments of rows, of layers and of pooling masks',
    planted('row-moments', '/ f32(n) + eps)', '/ f32(n) + eps + 0.01)'),
    composed.filter((id) => id.startsWith('stvit/')),
  ],
  [
    'a sign: tails of the normal distribution exchanged in the network',
    planted('feed-forward-workgroup', 's < vec4f()', 's > vec4f()'),
    layers,
  ],
  [
    'an index: the network’s rows one further',
    planted('feed-forward-workgroup', 'left(row + r,', 'left(row + r + 1u,'),
    layers,
  ],
  [
    'an index: coefficients of the basis’ next row',
    planted('mask-predictor-workgroup', '= j;', '= (j + 1u) % shape.m;'),
    ['sparsifiner/attention'],
  ],
  [
    'a sign: tails of the normal distribution exchanged in the features of a pooling mask',
    planted('pooling-features-workgroup', 'y < 0.0', 'y > 0.0'),
    ['stvit/eq4', ...pooling],
  ],
  [
    'an index: weights of the token after',
    planted('softmax-pooling-workgroup', 'weights[e] *', 'weights[e ^ 1u] *'),
    pooling,
  ],
]

describe.skipIf(!there)('one place changed in a fused kernel of workgroups', () => {
  test.each(mutants)('%s', { timeout: PATIENT }, async (_, readKernel, expected) => {
    if (there) expect(await red(gpu.reading(readKernel), fusedOn, composed)).toEqual(expected)
  })
})

/** Where there are dense products. */
const multiplying = equations
  .filter((equation) =>
    ['matmul', 'matmulTransposed', 'linear'].some((name) =>
      new Set<string>(primitivesOf(equation)).has(name),
    ),
  )
  .map(({ id }) => id)

/** Bugs in primitives, found in what the text exposes, unfused. */
const primitives: readonly (readonly [what: string, ReadKernel, readonly string[]])[] = [
  [
    'an index: terms of a product in another order on one side',
    planted('register-tiles', 'xs[s * 2u * down + here.y]', 'xs[(s ^ 1u) * 2u * down + here.y]'),
    multiplying,
  ],
]

describe.skipIf(!there)('attention to more keys than a workgroup has at once', () => {
  test('scaled up where it is to be scaled down', { timeout: PATIENT }, async () => {
    if (!there) return
    const sizes = { Ns: 9, Ni: 150, C: 8 }
    const question = sample(findEquation('stvit/eq1'), 1, { sizes, config: { heads: 2 }, has: () => true })
    expect(await wrong(gpu, question, fusedOn)).toEqual([])
    const bug = planted('attention-workgroup', 'exponentials(most0 - next0)', 'exponentials(next0 - most0)')
    expect(await wrong(gpu.reading(bug), question, fusedOn)).not.toEqual([])
  })
})

testFusedEdges(gpu, PATIENT)

describe.skipIf(!there)('sparse attention to the lowest scores that there are', () => {
  test.each(['masked', 'full'] as const)('is shared alike: %s', { timeout: PATIENT }, async (normalize) => {
    if (!there) return
    const n = 5
    const filled = (value: number): Tensor => tensor(new Float32Array(n).fill(value), [n, 1])
    const session = await gpu.session({ fuse: true })
    const [Q, K, V] = [-1, -F32_LOWEST, 3].map((value) => session.dense(filled(value)))
    const M = session.mask({ shape: [n, n], data: new Uint8Array(n * n).fill(1) })
    const operands = { M, Q, K, V, factor: 1, normalize }
    const x = session.rules.composite('sparseAttention', operands, () => session.rules.scale(V, 0))
    const [found] = await session.read([{ kind: 'dense', x }])
    session.close()
    expect(found).toMatchObject({ tensor: { data: new Float32Array(n).fill(3) } })
  })
})

describe.skipIf(!there)('one place changed in a primitive’s kernel of workgroups', () => {
  test.each(primitives)('%s', { timeout: PATIENT }, async (_, readKernel, expected) => {
    if (!there) return
    const ids = equations.map(({ id }) => id)
    expect(await red(gpu.reading(readKernel), answerOn, ids)).toEqual(expected)
  })
})

describe.skipIf(!there)('a fused kernel of workgroups', () => {
  test('is not used where an intermediate inside is asked for', { timeout: PATIENT }, async () => {
    if (!there) return
    const kernelsFor = async (...wanted: string[]): Promise<Set<string>> => {
      const read = new Set<string>()
      const reading = gpu.reading((name) => (read.add(name), readKernelFile(name)))
      const question = sample(findEquation('stvit/eq1'), 1, { has: () => true })
      await fusedOn(reading, question, (name) => wanted.includes(name))
      return read
    }
    const fused = await kernelsFor('S')
    expect(fused).toContain('feed-forward-workgroup')
    expect(fused).not.toContain('layer-norm-workgroup')
    const half = await kernelsFor('S', 'gelu')
    expect(half).not.toContain('feed-forward-workgroup')
    expect(half).toContain('norm-linear-workgroup')
    expect(half).not.toContain('gelu')
    expect(await kernelsFor('S', 'norm_q')).toContain('layer-norm-workgroup')
    expect(await kernelsFor('S', 'norm_q', 'norm_kv', 'fc1')).not.toContain('norm-linear-workgroup')
  })
})
