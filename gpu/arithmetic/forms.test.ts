import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Norm } from '../../reference/layers/parameters.ts'
import { kernelsFor, openGpu } from '../index.ts'
import { recorder, type Dispatch, type Recorder } from '../program.ts'
import { formsFor, type FormOptions } from './forms.ts'
import { gpuArithmetic, type GpuDense, type GpuKinds } from './index.ts'
import { PRODUCT_TILES } from './products.ts'

const adapter = (fallback: boolean): Parameters<typeof formsFor>[0] => ({
  fallback,
  architecture: fallback ? 'swiftshader' : '',
  limits: { maxComputeWorkgroupStorageSize: 32_768 },
})

/** What is run for one result of a text. */
function dispatchesOf(
  options: FormOptions,
  text: (a: ReturnType<typeof gpuArithmetic>, x: (...shape: number[]) => GpuDense) => GpuDense,
  forms = formsFor(adapter(false), options),
): readonly Dispatch[] {
  const record: Recorder = recorder()
  const x = (...shape: number[]): GpuDense => ({
    shape,
    values: record.allocate(shape.reduce((n, extent) => n * extent, 1)),
  })
  const { values } = text(gpuArithmetic(record, forms, true), x)
  return record.take([values]).dispatches
}

const kernelsOf = (...args: Parameters<typeof dispatchesOf>): string[] =>
  dispatchesOf(...args).map(({ kernel }) => kernel)

const product =
  (n: number, k: number, m: number) =>
  (a: ReturnType<typeof gpuArithmetic>, x: (...shape: number[]) => GpuDense): GpuDense =>
    a.matmul(x(n, k), x(k, m))

describe('the form of kernels', () => {
  test('follows from what the adapter says of itself, unless it is said', () => {
    expect(formsFor(adapter(true), {}).kernels).toBe('scalar')
    expect(formsFor(adapter(false), {}).kernels).toBe('workgroup')
    expect(formsFor(adapter(true), { kernels: 'workgroup' }).kernels).toBe('workgroup')
    expect(formsFor(adapter(true), {}).blocks).toBe(true)
    expect(formsFor(adapter(false), {}).blocks).toBe(false)
  })

  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('is told with its reason', () => {
    expect(kernelsFor(adapter(true))).toEqual({ form: 'scalar', reason: 'the adapter stands in for a GPU' })
    expect(kernelsFor(adapter(false))).toEqual({ form: 'workgroup', reason: 'the adapter is a GPU' })
    vi.stubEnv('TOUCHSTONE_GPU_KERNELS', 'workgroup')
    const asked = { form: 'workgroup', reason: 'asked for by TOUCHSTONE_GPU_KERNELS' }
    expect(kernelsFor(adapter(true))).toEqual(asked)
  })

  test('asked for by the environment must be one that there is', async () => {
    vi.stubEnv('TOUCHSTONE_GPU_KERNELS', 'fast')
    await expect(openGpu()).rejects.toThrow(
      'TOUCHSTONE_GPU_KERNELS: expected one of scalar, workgroup, found fast',
    )
  })

  test('decides for rows', () => {
    const text = (a: ReturnType<typeof gpuArithmetic>, x: (...shape: number[]) => GpuDense): GpuDense =>
      a.softmax(x(5, 7))
    expect(kernelsOf({ kernels: 'scalar' }, text)).toEqual(['softmax'])
    const [dispatch] = dispatchesOf({}, text)
    expect(dispatch).toMatchObject({ kernel: 'softmax-workgroup', workgroups: 5 })
  })
})

describe('a sum of everything', () => {
  const text = (a: ReturnType<typeof gpuArithmetic>, x: (...shape: number[]) => GpuDense): GpuDense =>
    a.sum(x(233, 1000), 'all')

  test('is summed in parts that fill a GPU, or as many as terms in one', () => {
    expect(dispatchesOf({}, text)).toMatchObject([
      { kernel: 'reduce-workgroup', workgroups: 57 },
      { kernel: 'reduce-workgroup', workgroups: 1 },
    ])
    expect(dispatchesOf({ kernels: 'scalar' }, text)).toMatchObject([
      { kernel: 'reduce', invocations: 483 },
      { kernel: 'reduce', invocations: 22 },
      { kernel: 'reduce', invocations: 1 },
    ])
  })
})

describe('a product', () => {
  test('has tiles that there is enough work for', () => {
    expect(kernelsOf({}, product(64, 15, 64))).toEqual(['product'])
    expect(kernelsOf({}, product(15, 64, 64))).toEqual(['product-tiles'])
    expect(kernelsOf({ kernels: 'scalar' }, product(64, 64, 64))).toEqual(['product-tiles'])
    expect(kernelsOf({ kernels: 'scalar' }, product(197, 384, 384))).toEqual(['product-tiles'])
    expect(kernelsOf({ kernels: 'scalar', blocks: true }, product(127, 384, 384))).toEqual(['product-tiles'])
    expect(dispatchesOf({ kernels: 'scalar', blocks: true }, product(197, 384, 384))).toMatchObject([
      { kernel: 'product-blocks', invocations: 13 * 24, constants: { size: 16 } },
    ])
    // DeiT-S, one image: 24 × 4 workgroups
    expect(dispatchesOf({}, product(197, 384, 1536))).toMatchObject([
      { kernel: 'product-workgroup', workgroups: 96, constants: { size: 64, down: 8, across: 8 } },
    ])
    // DeiT-B, 64 images
    expect(dispatchesOf({}, product(64 * 197, 768, 3072))).toMatchObject([
      { kernel: 'product-workgroup', workgroups: 99 * 24, constants: { size: 256, down: 16, across: 16 } },
    ])
  })

  test('has the tile that is said, whatever its size', () => {
    for (const tile of PRODUCT_TILES) expect(kernelsOf({ tile }, product(1, 1, 1))).toEqual([tile.kernel])
  })
})

describe('fused kernels of workgroups', () => {
  type Text = Parameters<typeof dispatchesOf>[1]
  const normed = (x: (...shape: number[]) => GpuDense, C: number): Norm<GpuKinds> => ({
    weight: x(C),
    bias: x(C),
  })
  const network =
    (C: number): Text =>
    (a, x) => {
      const [input, norm, eps] = [x(5, C), normed(x, C), 1e-6]
      const [fc1, fc2] = [{ weight: x(8, C) }, { weight: x(C, 8) }]
      return a.composite('feedForward', { x: input, norm, eps, fc1, fc2 }, () => {
        const widened = a.composite('linearGelu', { x: input, norm, eps, linear: fc1 }, () =>
          a.gelu(a.linear(a.layerNorm(input, norm.weight, norm.bias, eps), fc1.weight)),
        )
        return a.linear(widened, fc2.weight)
      })
    }

  test('are the whole feed-forward network as far as there is room for it', () => {
    expect(kernelsOf({}, network(512))).toEqual(['feed-forward-workgroup'])
    const half = ['row-statistics-workgroup', 'norm-linear-workgroup', 'product']
    expect(kernelsOf({}, network(513))).toEqual(half)
    const guaranteed = formsFor({ fallback: false, architecture: '', limits: {} }, {})
    expect(kernelsOf({}, network(512), guaranteed)).toEqual(half)
    expect(kernelsOf({ kernels: 'scalar' }, network(512))).toEqual(['layer-norm', 'linear-gelu', 'product'])
  })

  test('are attention, 64 rows by 64 columns a workgroup', () => {
    const attention =
      (d: number): Text =>
      (a, x) => {
        const [q, k, v] = [x(2, 70, d), x(2, 9, d), x(2, 9, d)]
        return a.composite('attention', { q, k, v, factor: 1 }, () =>
          a.matmul(a.softmax(a.matmulTransposed(q, k)), v),
        )
      }
    expect(dispatchesOf({}, attention(64))).toMatchObject([{ kernel: 'attention-workgroup', workgroups: 4 }])
    expect(dispatchesOf({}, attention(65))).toMatchObject([{ kernel: 'attention-workgroup', workgroups: 8 }])
    const guaranteed = formsFor({ fallback: false, architecture: '', limits: {} }, {})
    expect(kernelsOf({}, attention(64), guaranteed)).toEqual(['attention'])
  })

  test('are LayerNorm with the layers that read it, its statistics computed once', () => {
    const layers =
      (has: boolean): Text =>
      (a, x) => {
        const input = x(5, 6)
        const norm = has ? normed(x, 6) : undefined
        const linears = [{ weight: x(6, 6) }, { weight: x(6, 6), bias: x(6) }]
        const [k, v] = a.composite('normLinear', { x: input, norm, eps: 1e-6, linears }, () => {
          const from = norm === undefined ? input : a.layerNorm(input, norm.weight, norm.bias, 1e-6)
          return linears.map(({ weight, bias }) => a.linear(from, weight, bias))
        })
        return a.add(k, v)
      }
    const fused = ['row-statistics-workgroup', 'norm-linear-workgroup', 'norm-linear-workgroup', 'binary']
    expect(kernelsOf({}, layers(true))).toEqual(fused)
    expect(kernelsOf({}, layers(false))).toEqual(['product', 'product', 'binary'])
    expect(kernelsOf({ kernels: 'scalar' }, layers(true))).toEqual([
      'layer-norm',
      'product',
      'product',
      'binary',
    ])
  })
})
