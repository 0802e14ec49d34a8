import { describe, expect, test } from 'vitest'
import type { GpuDense, GpuKinds } from '../gpu/arithmetic/index.ts'
import type { Gpu } from '../gpu/index.ts'
import type { ReadKernel } from '../gpu/kernel-source.ts'
import type { Arithmetic } from '../reference/arithmetic.ts'
import { tensor } from '../reference/tensor.ts'
import { equations } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { gpuForTests } from './gpu.ts'
import { testEdges, verdictOn } from './gpu-edges.ts'
import { planted } from './planted-wgsl.ts'

const gpu = await gpuForTests({ kernels: 'workgroup', timeoutSeconds: 120 })
const there = typeof gpu !== 'string'

testEdges(gpu)

/** Of 65 columns, a workgroup's 64 and one more; a coefficient in three is held. */
const sizes = { n: 65, m: 9 }

/** Ids of the equations that any of a few questions finds wrong, in what the text exposes. */
async function red(device: Gpu): Promise<string[]> {
  const found: string[] = []
  for (const equation of equations) {
    const wide = equation.id === 'sparsifiner/eq3' ? [{ sizes, config: { keep_rate: 0.3 } }] : []
    for (const [i, options] of [{}, {}, {}, ...wide].entries()) {
      const question = sample(equation, i + 1, { has: () => true, ...options })
      if ((await verdictOn(device, question)) === 'pass') continue
      found.push(equation.id)
      break
    }
  }
  return found
}

const mutants: readonly (readonly [what: string, ReadKernel, readonly string[]])[] = [
  [
    'a sign: rows of a softmax turned round',
    planted(
      'softmax-workgroup',
      'let share = exponentials(four(start, i, shape.n) - of_row.most)',
      'let share = exponentials(of_row.most - four(start, i, shape.n))',
    ),
    [
      ...['eq1', 'eq2', 'eq3', 'eq5', 'eq6'].map((name) => `stvit/${name}`),
      'sparsifiner/eq1',
      'sparsifiner/eq4',
    ],
  ],
  [
    'a sign: log added',
    planted('log-softmax-workgroup', '- logSum', '+ logSum'),
    ['sparsifiner/eq7', 'sparsifiner/eq9'],
  ],
  [
    'a constant: a masked softmax that sums to half',
    planted('masked-softmax-workgroup', '/ of_row.sum;', '/ (2.0 * of_row.sum);'),
    ['sparsifiner/eq4'],
  ],
  [
    'a constant: a mean of one more',
    planted('reduce-workgroup', 'sum / shape.divisor', 'sum / (shape.divisor + 1.0)'),
    ['eq7', 'eq8', 'eq9', 'eq10', 'eq11'].map((name) => `sparsifiner/${name}`),
  ],
  [
    'an index: sums that leave out the last element',
    planted('reduce-workgroup', 'shape.total - start);', 'shape.total - start) - 1u;'),
    ['eq7', 'eq8', 'eq9', 'eq10', 'eq11'].map((name) => `sparsifiner/${name}`),
  ],
  [
    'an index: values of the entry before',
    planted('expand-workgroup', '= values[e];', '= values[max(e, 1u) - 1u];'),
    ['eq2', 'eq3', 'eq4', 'eq5'].map((name) => `sparsifiner/${name}`),
  ],
  [
    'an index: the place of an entry counts it',
    planted('workgroup-ranks', 'bit - 1u', '2u * bit - 1u'),
    ['eq2', 'eq3', 'eq6'].map((name) => `sparsifiner/${name}`),
  ],
  [
    'a constant: the last column is never held',
    planted('compress-workgroup', 'column < shape.m;', 'column + 1u < shape.m;'),
    ['eq2', 'eq3', 'eq6'].map((name) => `sparsifiner/${name}`),
  ],
  [
    'a sign: products subtracted',
    planted('sparse-product-workgroup', '+= factor', '-= factor'),
    ['sparsifiner/eq3'],
  ],
  [
    'a constant: one more is kept',
    planted('top-k-workgroup', 'shape.m, shape.budget)', 'shape.m, shape.budget + 1u)'),
    ['sparsifiner/eq3'],
  ],
  [
    'an index: of two chunks of a row the first alone is counted',
    planted('count-row-workgroup', 'e < end; e += size', 'e < min(end, start + size); e += size'),
    ['sparsifiner/eq3'],
  ],
  [
    'an index: weights of the column before',
    planted('depthwise-workgroup', 'shape.kw + v]', 'shape.kw + max(v, 1u) - 1u]'),
    ['stvit/eq4', 'stvit/eq5'],
  ],
  [
    'an index: the place left of the map is taken for the first',
    planted('depthwise-workgroup', 'vec4u(columns) == within', 'columns < vec4i(i32(shape.W))'),
    ['stvit/eq4', 'stvit/eq5'],
  ],
  [
    'a sign: half of the terms subtracted',
    planted('row-product', '+ (sums.z + sums.w)', '- (sums.z + sums.w)'),
    ['sparsifiner/eq4'],
  ],
]

const alone = await gpuForTests({ kernels: 'workgroup', workgroupSize: 1 })

describe.skipIf(!there)('more workgroups than one axis of a dispatch holds, of one invocation each', () => {
  test.each([
    ['a row each', (a: Arithmetic<GpuKinds>, x: GpuDense) => a.sum(x, 'last')],
    ['an element each', (a: Arithmetic<GpuKinds>, x: GpuDense) => a.scale(x, 1)],
    [
      'a sparse row each',
      (a: Arithmetic<GpuKinds>, x: GpuDense) => a.expand(a.select(a.topK(a.compress(x), 1), x)),
    ],
  ])('%s', async (_, rule) => {
    if (typeof alone === 'string') return
    const session = await alone.session()
    const data = Float32Array.from(new Array(65_537).keys())
    const x = session.dense(tensor(data, [data.length, 1]))
    const [value] = await session.read([{ kind: 'dense', x: rule(session.rules, x) }])
    session.close()
    if (value.kind === 'dense') expect(value.tensor.data.findIndex((found, i) => found !== i)).toBe(-1)
    expect(value.kind).toBe('dense')
  })
})

describe.skipIf(!there)(`one place changed in a kernel of workgroups${there ? '' : `: ${gpu}`}`, () => {
  test('as they are, no equation is red', async () => {
    if (there) expect(await red(gpu)).toEqual([])
  })

  test.each(mutants)('%s', async (_, readKernel, expected) => {
    if (there) expect(await red(gpu.reading(readKernel))).toEqual(expected)
  })
})
