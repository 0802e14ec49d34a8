import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import type { ReadKernel } from '../gpu/kernel-source.ts'
import { findEquation } from '../src/cases/names.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { judging } from '../src/verification/cases.ts'
import { hasComposites } from '../src/verification/gpu.ts'
import { gpuForTests } from './gpu.ts'
import { attending, fusedOn, layers } from './gpu-lab.ts'
import { planted } from './planted-wgsl.ts'

const gpu = await gpuForTests({ kernels: 'scalar' })
const there = typeof gpu !== 'string'

/** Of what a module may be made of, that which has composites. */
const composing = { pooling: 'eq5', class_row: 'dense' }

const SEEDS = [1, 2, 3, 4, 5, 6]

/** Ids of what any of a few questions finds wrong where composites are fused. */
async function red(device: Gpu): Promise<string[]> {
  const found: string[] = []
  for (const equation of catalogue.filter(hasComposites)) {
    const chosen = Object.entries(composing).filter(([key]) => key in equation.config)
    const config = chosen.length === 0 ? undefined : Object.fromEntries(chosen)
    for (const seed of SEEDS) {
      const question = sample(equation, seed, { has: () => true, ...(config && { config }) })
      const { verdict } = judging({ question, file: null, seed })(await fusedOn(device, question))
      if (verdict === 'pass') continue
      found.push(equation.id)
      break
    }
  }
  return found
}

/** Where Eq. (5) pools. */
const pooling = ['stvit/eq5', 'stvit/stgm', 'stvit/dumbbell']

const mutants: readonly (readonly [what: string, ReadKernel, readonly string[]])[] = [
  [
    'a sign: attention to what is least alike',
    planted('attention', 's0 *= shape.factor;', 's0 *= -shape.factor;'),
    attending,
  ],
  [
    'an index: two values exchanged',
    planted('attention', 'let pv = (values + at)', 'let pv = (values + at.yxzw)'),
    attending,
  ],
  [
    'a constant: weights whose sum is one too large',
    planted('attention', '/ total[r]', '/ (total[r] + 1.0)'),
    attending,
  ],
  [
    'a sign: what came before subtracted',
    planted('attention', 'sums[0] * rescale.x + v4 * weights[0]', 'sums[0] * rescale.x - v4 * weights[0]'),
    attending,
  ],
  [
    'a sign: tails of the normal distribution exchanged, in a product’s store',
    planted('linear-gelu', 'sums < vec4f()', 'sums > vec4f()'),
    layers,
  ],
  [
    'an index: the bias of the column after',
    planted('linear-gelu', 'vec4f(bias[at.x],', 'vec4f(bias[at.y],'),
    layers,
  ],
  [
    'a sign: masks of what is least alike',
    planted('mask-predictor', 's *= shape.factor;', 's *= -shape.factor;'),
    ['sparsifiner/attention'],
  ],
  [
    'an index: coefficients of the basis’ next row',
    planted('mask-predictor', 'places[end] = j;', 'places[end] = (j + 1u) % shape.m;'),
    ['sparsifiner/attention'],
  ],
  [
    'a constant: one more is kept',
    planted('mask-predictor', 'shape.n, shape.budget);', 'shape.n, shape.budget + 1u);'),
    ['sparsifiner/attention'],
  ],
  [
    'an index: a kernel that starts one row early',
    planted('depthwise-place', 'i32(shape.kh / 2u)', 'i32(shape.kh / 2u + 1u)'),
    ['stvit/eq4', ...pooling],
  ],
  [
    'a constant: an ε of a hundredth',
    planted('pooling-features', '+ shape.eps', '+ shape.eps + 0.01'),
    ['stvit/eq4', ...pooling],
  ],
  [
    'a sign: what is least alike weighs most',
    planted(
      'softmax-pooling',
      'exponential(logits[start + l] - most)',
      'exponential(most - logits[start + l])',
    ),
    pooling,
  ],
  [
    'an index: the values of two entries exchanged',
    planted('sparse-attention', 'let pv = (values + at)', 'let pv = (values + at.yxzw)'),
    ['sparsifiner/attention'],
  ],
  [
    'a sign: entries subtracted',
    planted('sparse-attention', '* rescale + v4 * counted', '* rescale - v4 * counted'),
    ['sparsifiner/attention'],
  ],
  [
    'a constant: the whole row’s sum of the kept alone',
    planted(
      'sparse-attention',
      'let weights = exponentials(s - larger) * there;',
      'let weights = exponentials(s - larger) * kept;',
    ),
    ['sparsifiner/attention'],
  ],
]

describe.skipIf(!there)(`one place changed in a fused kernel${there ? '' : `: ${gpu}`}`, () => {
  test('as they are, nothing is red', async () => {
    if (there) expect(await red(gpu)).toEqual([])
  })

  test.each(mutants)('%s', async (_, readKernel, expected) => {
    if (!there) return
    expect(await red(gpu.reading(readKernel))).toEqual(expected)
  })

  /** Cross-attention to keys that are no multiple of four, whose largest scores come anywhere. */
  const manyKeys = sample(findEquation('stvit/eq1'), 1, {
    sizes: { Ns: 9, Ni: 150, C: 8 },
    config: { heads: 2 },
    has: () => true,
  })

  test.each([
    ['one key beyond the end', planted('attention', '< vec4u(shape.m));', '< vec4u(shape.m + 1u));')],
    [
      'sums under a smaller maximum scaled up',
      planted('attention', 'exponentials(most - larger)', 'exponentials(larger - most)'),
    ],
  ] as const)('%s', async (_, readKernel) => {
    if (!there) return
    const verdictOn = async (device: Gpu): Promise<string> =>
      judging({ question: manyKeys, file: null, seed: 1 })(await fusedOn(device, manyKeys)).verdict
    expect(await verdictOn(gpu)).toBe('pass')
    expect(await verdictOn(gpu.reading(readKernel))).toBe('fail')
  })
})
