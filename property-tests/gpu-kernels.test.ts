import { describe, expect, test } from 'vitest'
import { GpuError, openGpu, type Gpu } from '../gpu/index.ts'
import { readKernelFile, type ReadKernel } from '../gpu/kernel-source.ts'
import { tensor } from '../reference/tensor.ts'
import { equations } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import type { Equation } from '../src/catalogue/schema.ts'
import type { Question } from '../src/cases/question.ts'
import { ask, valuesOf } from '../src/laws/questions.ts'
import { judging } from '../src/verification/cases.ts'
import { gpuForTests } from './gpu.ts'
import { answerOn } from './gpu-lab.ts'
import { planted } from './planted-wgsl.ts'

// kernels of workgroups have tests of their own, and sum in the order of their size
const gpu = await gpuForTests({ kernels: 'scalar' })
const there = typeof gpu !== 'string'

const SEEDS = [1, 2, 3]

/** A few questions of an equation, with all params that it may have; and of Eq. (2), one with coefficients of exactly τ. */
function questionsOf(equation: Equation): Question[] {
  const drawn = SEEDS.map((seed) => sample(equation, seed, { has: () => true }))
  if (equation.id !== 'sparsifiner/eq2') return drawn
  const A_down = tensor(Float32Array.of(0.25, 0.5, 0.125, 0.125), [1, 4])
  return [...drawn, ask(equation.id, valuesOf({ 'input.A_down': A_down }), { tau: 0.25 })]
}

/** Ids of the equations that any of a few questions finds wrong. */
async function red(device: Gpu): Promise<string[]> {
  const found: string[] = []
  for (const equation of equations) {
    for (const question of questionsOf(equation)) {
      const { verdict } = judging({ question, file: null, seed: 0 })(await answerOn(device, question))
      if (verdict === 'pass') continue
      found.push(equation.id)
      break
    }
  }
  return found
}

const withGelu = ['stvit/eq1', 'stvit/eq2', 'stvit/eq4', 'stvit/eq5', 'stvit/eq6']
/** Those of the layer have norms where their params are there. */
const withNorms = withGelu

const mutants: readonly (readonly [what: string, ReadKernel, readonly string[]])[] = [
  ['a sign: tails of the normal distribution exchanged', planted('gelu', 'v < 0.0', 'v > 0.0'), withGelu],
  [
    'a sign: the mean added',
    planted('layer-norm', 'y[start + i] = (x[start + i] - mu)', 'y[start + i] = (x[start + i] + mu)'),
    withNorms,
  ],
  [
    'a sign: log added',
    planted('log-softmax', '- logSum', '+ logSum'),
    ['sparsifiner/eq7', 'sparsifiner/eq9'],
  ],
  [
    'a sign: differences as sums',
    planted('binary', 'z[i] = a - b', 'z[i] = a + b'),
    ['sparsifiner/eq8', 'sparsifiner/eq9', 'sparsifiner/eq10'],
  ],
  [
    'an index: a kernel that starts one column early',
    planted('convolve', '- i32(shape.kw / 2u)', '- i32(shape.kw / 2u + 1u)'),
    ['stvit/eq4', 'stvit/eq5'],
  ],
  [
    'an index: windows by their height alone',
    planted('windows', 'rest % shape.columns]', '0u]'),
    ['stvit/eq5'],
  ],
  [
    'an index: the entry before',
    planted('sparse-dense-product', 'columns[e]) *', '(columns[e] + 1u) % shape.m) *'),
    ['sparsifiner/eq6'],
  ],
  [
    'an index: places of another row',
    planted('gather', 'row * shape.m', '(row / 2u) * shape.m'),
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
  ],
  [
    'a constant: τ itself is kept',
    planted('compress', '> limit; }\n    if (rule == 2u)', '>= limit; }\n    if (rule == 2u)'),
    ['sparsifiner/eq2'],
  ],
  [
    'a constant: one more is kept',
    planted('cut', 'if (count == budget)', 'if (count == budget + 1u)'),
    ['sparsifiner/eq3'],
  ],
  [
    'a constant: tail half a per mille too fat',
    planted('normal-tail', '0.1396213770', '0.1396913770'),
    withGelu,
  ],
]

describe.skipIf(!there)(`one place changed in a kernel${there ? '' : `: ${gpu}`}`, () => {
  test('as they are, no equation is red', async () => {
    if (there) expect(await red(gpu)).toEqual([])
  })

  test.each(mutants)('%s', async (_, readKernel, expected) => {
    if (!there) return
    expect(await red(gpu.reading(readKernel))).toEqual(expected)
  })
})

describe.skipIf(!there)('kernels that do not compile', () => {
  const failing = async (readKernel: ReadKernel): Promise<string> => {
    const device = await openGpu({ adapter: process.env['TOUCHSTONE_ADAPTER'], readKernel })
    try {
      await answerOn(device, sample(equations[0], 1))
    } catch (error) {
      expect(error).toBeInstanceOf(GpuError)
      return error instanceof GpuError ? error.message : ''
    } finally {
      device.close()
    }
    return 'compiled'
  }

  test('say file, line and column', async () => {
    const line =
      readKernelFile('gelu')
        .split('\n')
        .findIndex((text) => text.includes('let v = x[i]')) + 1
    const message = await failing(planted('gelu', 'let v = x[i];', 'let v = y2[i];'))
    expect(message).toBe(`gpu/kernels/gelu.wgsl:${line}:11: unresolved value 'y2'`)
  })

  test('also where the mistake is in a file that others require', async () => {
    const message = await failing(planted('exponential', 'let k = round(', 'let k = rond('))
    expect(message).toMatch(/^gpu\/kernels\/exponential\.wgsl:\d+:11: unresolved call target 'rond'$/)
  })
})

describe.skipIf(!there)('what results must not depend on', () => {
  test('the size of workgroups', async () => {
    if (!there) return
    const question = sample(equations[0], 3, {
      sizes: { Ns: 9, Ni: 65, C: 24 },
      config: { heads: 3 },
      lead: [2],
    })
    const expected = await answerOn(gpu, question)
    for (const workgroupSize of [1, 32, 256]) {
      const options = {
        adapter: process.env['TOUCHSTONE_ADAPTER'],
        kernels: 'scalar',
        workgroupSize,
      } as const
      const other = await openGpu(options)
      expect(await answerOn(other, question), `${workgroupSize}`).toEqual(expected)
      other.close()
    }
  })
})
