import type { Arithmetic } from '../../reference/arithmetic.ts'
import { ShapeError } from '../../reference/shape-error.ts'
import { sizeOf } from '../../reference/tensor.ts'
import type { Recorder, Storage } from '../program.ts'
import type { GpuDense, GpuKinds } from './kinds.ts'
import { demandVector, mapOf, matrices, matrixOf, rowsOf } from './shapes.ts'

type Rules = Pick<Arithmetic<GpuKinds>, 'matmul' | 'matmulTransposed' | 'linear' | 'convolve'>

/** Rows and columns of a tile, as `product-tiles.wgsl` has them. */
const TILE = 4
/** From this inner extent on, reading less is worth the longer kernel. */
const WORTH_TILES = 16

/** The sizes of a batch of products. */
interface Sizes {
  readonly count: number
  readonly n: number
  readonly k: number
  readonly m: number
  readonly xMatrices: number
  readonly yMatrices: number
}

/** The dense sums of products. */
export function products(record: Recorder): Rules {
  const product = (
    x: Storage,
    y: Storage,
    bias: Storage | undefined,
    sizes: Sizes,
    transposed: boolean,
  ): Storage => {
    const { count, n, k, m, xMatrices, yMatrices } = sizes
    const tiled = k >= WORTH_TILES
    const parts = tiled ? count * Math.ceil(n / TILE) * Math.ceil(m / TILE) : count * n * m
    return record.fill(count * n * m, {
      kernel: tiled ? 'product-tiles' : 'product',
      // a binding must be bound, whether or not it is read
      reads: [x, y, bias ?? x],
      uniform: [parts, n, k, m, xMatrices, yMatrices, Number(bias !== undefined)],
      invocations: parts,
      constants: { transposed: Number(transposed) },
    })
  }
  const matmul = (operation: string, x: GpuDense, y: GpuDense, transposed: boolean): GpuDense => {
    const [n, k] = matrixOf(operation, 'x', x.shape)
    const [first, second] = matrixOf(operation, 'y', y.shape)
    const [inner, m] = transposed ? [second, first] : [first, second]
    if (inner !== k) {
      throw new ShapeError(operation, 'y', transposed ? `[.., m, ${k}]` : `[.., ${k}, m]`, y.shape)
    }
    const paired = matrices(operation, x.shape, y.shape)
    const sizes = { count: sizeOf(paired.lead), n, k, m, xMatrices: paired.x, yMatrices: paired.y }
    return {
      shape: [...paired.lead, n, m],
      values: product(x.values, y.values, undefined, sizes, transposed),
    }
  }
  return {
    matmul: (x, y) => matmul('matmul', x, y, false),
    matmulTransposed: (x, y) => matmul('matmulTransposed', x, y, true),
    linear(x, weight, bias) {
      const { rows, n: k } = rowsOf('linear', x.shape)
      const [m] = weight.shape
      if (weight.shape.length !== 2 || weight.shape[1] !== k) {
        throw new ShapeError('linear', 'weight', `[out, ${k}]`, weight.shape)
      }
      if (bias !== undefined) demandVector('linear', 'bias', bias.shape, m)
      const sizes = { count: 1, n: rows, k, m, xMatrices: 1, yMatrices: 1 }
      return {
        shape: [...x.shape.slice(0, -1), m],
        values: product(x.values, weight.values, bias?.values, sizes, true),
      }
    },
    convolve(x, weight, bias, groups) {
      const [H, W, C] = mapOf('convolve', x.shape)
      const [o, q, kh, kw] = weight.shape
      if (weight.shape.length !== 4 || q * groups !== C || o % groups !== 0) {
        const expected = `[o, ${C}/${groups}, kh, kw], o a multiple of ${groups}`
        throw new ShapeError('convolve', 'weight', expected, weight.shape)
      }
      if (kh % 2 === 0 || kw % 2 === 0) {
        throw new ShapeError('convolve', 'weight', 'odd kernel sizes', weight.shape)
      }
      if (bias !== undefined) demandVector('convolve', 'bias', bias.shape, o)
      const shape = [...x.shape.slice(0, -1), o]
      const count = sizeOf(shape)
      const values = record.fill(count, {
        kernel: 'convolve',
        reads: [x.values, weight.values, bias?.values ?? x.values],
        uniform: [count, H, W, C, o, q, kh, kw, o / groups, Number(bias !== undefined)],
        invocations: count,
      })
      return { shape, values }
    },
  }
}
