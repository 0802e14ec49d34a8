import type { Arithmetic } from '../../reference/arithmetic.ts'
import { ShapeError } from '../../reference/shape-error.ts'
import { sizeOf } from '../../reference/tensor.ts'
import type { Recorder, Storage } from '../program.ts'
import type { Forms, ProductTile } from './forms.ts'
import type { GpuDense, GpuKinds } from './kinds.ts'
import { demandVector, mapOf, matrices, matrixOf, rowsOf } from './shapes.ts'

type Rules = Pick<Arithmetic<GpuKinds>, 'matmul' | 'matmulTransposed' | 'linear' | 'convolve'>

const ELEMENTS: ProductTile = { kernel: 'product', rows: 1, columns: 1 }
const INVOCATIONS: ProductTile = { kernel: 'product-tiles', rows: 4, columns: 4 }
const BLOCKS: ProductTile = { kernel: 'product-blocks', rows: 16, columns: 16 }
const SMALL: ProductTile = { kernel: 'product-workgroup', rows: 64, columns: 64 }
const LARGE: ProductTile = { kernel: 'product-workgroup', rows: 128, columns: 128 }

/** All there are. A device that keeps WebGPU's guarantees can do each: 256 invocations a workgroup, 16 KiB of its memory. */
export const PRODUCT_TILES: readonly ProductTile[] = [
  ELEMENTS,
  INVOCATIONS,
  BLOCKS,
  SMALL,
  { kernel: 'product-workgroup', rows: 128, columns: 64 },
  LARGE,
]

/** From this inner extent on, reading less is worth the longer kernel. */
const WORTH_TILES = 16
/** From these extents on there are enough blocks for all processors, and each does enough to be worth its length. */
const WORTH_BLOCKS = 128
/** Invocations in a workgroup of blocks: a few, so that there are more workgroups than processors. */
const BLOCKS_AT_ONCE = 16
/** A workgroup's tile with fewer rows or columns in it than this does more for nobody than for somebody. */
const WORTH_WORKGROUPS = 16
/** Of large tiles there should be a few for each processor of a large GPU, which has some 130. */
const ENOUGH = 512
/** Places that one invocation of `depthwise-workgroup.wgsl` computes. */
const PLACES = 4
/** Rows, and columns, of a tile that one invocation of `register-tiles.wgsl` computes. */
const REGISTERS = 8

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
export function products(record: Recorder, forms: Forms): Rules {
  const product = (
    x: Storage,
    y: Storage,
    bias: Storage | undefined,
    sizes: Sizes,
    transposed: boolean,
  ): Storage => {
    const { count, n, k, m, xMatrices, yMatrices } = sizes
    const tile = forms.tile ?? tileFor(forms, sizes)
    const parts = tilesOf(tile, sizes)
    const shape = [n, k, m, xMatrices, yMatrices, Number(bias !== undefined)]
    // a binding must be bound, whether or not it is read
    const run = { kernel: tile.kernel, reads: [x, y, bias ?? x] }
    if (tile.kernel !== 'product-workgroup') {
      const constants = { transposed: Number(transposed), ...sizeOfWorkgroup(tile) }
      return record.fill(count * n * m, { ...run, uniform: [parts, ...shape], invocations: parts, constants })
    }
    const constants = {
      ...registerTiles(tile, transposed),
      x_fours: Number(k % 4 === 0),
      y_fours: Number((transposed ? k : m) % 4 === 0),
    }
    return record.fill(count * n * m, { ...run, uniform: [parts, ...shape], workgroups: parts, constants })
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
      const biased = Number(bias !== undefined)
      const reads = [x.values, weight.values, bias?.values ?? x.values]
      if (forms.kernels === 'workgroup' && q === 1 && o === C) {
        const parts = (count / W) * Math.ceil(W / PLACES)
        const run = { kernel: 'depthwise-workgroup', reads, invocations: parts }
        const values = record.fill(count, { ...run, uniform: [parts, H, W, C, kh, kw, biased] })
        return { shape, values }
      }
      const uniform = [count, H, W, C, o, q, kh, kw, o / groups, biased]
      const values = record.fill(count, { kernel: 'convolve', reads, uniform, invocations: count })
      return { shape, values }
    },
  }
}

/** The tile for a product of these sizes. */
function tileFor(forms: Forms, sizes: Pick<Sizes, 'count' | 'n' | 'k' | 'm'>): ProductTile {
  const { n, k, m } = sizes
  if (k < WORTH_TILES) return ELEMENTS
  if (forms.kernels === 'scalar') return invocationTileFor(forms, sizes)
  if (Math.min(n, m) < WORTH_WORKGROUPS) return INVOCATIONS
  return workgroupTileFor(forms, sizes)
}

/** The tile of an invocation, where nothing is shared. */
export function invocationTileFor(
  { blocks }: Pick<Forms, 'blocks'>,
  { n, k, m }: Pick<Sizes, 'n' | 'k' | 'm'>,
): ProductTile {
  return blocks && Math.min(n, k, m) >= WORTH_BLOCKS ? BLOCKS : INVOCATIONS
}

/** The constant by which a kernel has workgroups of another size than others. */
export function sizeOfWorkgroup({ kernel }: Pick<ProductTile, 'kernel'>): { readonly size?: number } {
  return kernel === 'product-blocks' ? { size: BLOCKS_AT_ONCE } : {}
}

/** The tile of a workgroup. */
export function workgroupTileFor(
  { tile }: Pick<Forms, 'tile'>,
  sizes: Pick<Sizes, 'count' | 'n' | 'm'>,
): ProductTile {
  if (tile?.kernel === 'product-workgroup') return tile
  return tilesOf(LARGE, sizes) >= ENOUGH ? LARGE : SMALL
}

/** How many tiles a batch of products is made of. */
export function tilesOf(
  { rows, columns }: Pick<ProductTile, 'rows' | 'columns'>,
  { count, n, m }: Pick<Sizes, 'count' | 'n' | 'm'>,
): number {
  return count * Math.ceil(n / rows) * Math.ceil(m / columns)
}

/** The constants of a kernel that requires `register-tiles.wgsl`. */
export function registerTiles(
  { rows, columns }: Pick<ProductTile, 'rows' | 'columns'>,
  transposed: boolean,
): Record<string, number> & { readonly size: number } {
  const [down, across] = [rows / REGISTERS, columns / REGISTERS]
  return { size: down * across, down, across, transposed: Number(transposed) }
}
