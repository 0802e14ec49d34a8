import { convolve } from '../../../reference/float32/convolve.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import type { InPlace } from '../../../reference/float32/product.ts'
import { products } from '../../../reference/float32/products.ts'
import { sizeOf, type Tensor } from '../../../reference/tensor.ts'
import { fill, magnitude, squared } from './noise.ts'

/**
 * A bilinear sum of products over float64 tensors, and the same of what is made of its second factor. That is as a rule a weight, by far the
 * largest tensor there is: its squares and magnitudes are made in the cache, and never stored.
 */
export interface Bilinear {
  /** Σxy, to which `bias` comes last. */
  readonly plain: (x: Tensor, y: Tensor, bias?: Tensor) => Tensor
  /** Σxy². */
  readonly withSquares: (x: Tensor, y: Tensor) => Tensor
  /** Σx|y|. */
  readonly withMagnitudes: (x: Tensor, y: Tensor) => Tensor
  /** How many terms there are. */
  readonly terms: (x: Tensor, y: Tensor) => number
  /** Σxy over the terms from `from` to `to`, the latter excluded. */
  readonly part: (x: Tensor, y: Tensor, from: number, to: number) => Tensor
}

const t = fullArithmetic(Float64Array)

const squareEach: InPlace = (x, start, end) => {
  for (let i = start; i < end; i++) x[i] *= x[i]
}

const magnitudeEach: InPlace = (x, start, end) => {
  for (let i = start; i < end; i++) x[i] = Math.abs(x[i])
}

const [plain, squares, magnitudes] = [undefined, squareEach, magnitudeEach].map((f) =>
  products(Float64Array, f),
)

/** x `[.., n, k]`, y `[.., k, m]`. */
export const ofMatmul: Bilinear = {
  plain: (x, y) => plain.matmul(x, y),
  withSquares: (x, y) => squares.matmul(x, y),
  withMagnitudes: (x, y) => magnitudes.matmul(x, y),
  terms: ({ shape }) => shape.at(-1) ?? 1,
  part: (x, y, from, to) => plain.matmul(t.slice(x, -1, from, to), t.slice(y, -2, from, to)),
}

/** x `[.., n, k]`, y `[.., m, k]`. */
export const ofMatmulTransposed: Bilinear = {
  plain: (x, y) => plain.matmulTransposed(x, y),
  withSquares: (x, y) => squares.matmulTransposed(x, y),
  withMagnitudes: (x, y) => magnitudes.matmulTransposed(x, y),
  terms: ({ shape }) => shape.at(-1) ?? 1,
  part: (x, y, from, to) => plain.matmulTransposed(t.slice(x, -1, from, to), t.slice(y, -1, from, to)),
}

/** x `[.., k]`, y `[m, k]`, bias `[m]`. */
export const ofLinear: Bilinear = {
  plain: (x, y, bias) => plain.linear(x, y, bias),
  withSquares: (x, y) => squares.linear(x, y),
  withMagnitudes: (x, y) => magnitudes.linear(x, y),
  terms: ({ shape }) => shape.at(-1) ?? 1,
  part: (x, y, from, to) => plain.linear(t.slice(x, -1, from, to), t.slice(y, -1, from, to)),
}

/** x `[.., H, W, C]`, y `[o, C/groups, kh, kw]`, bias `[o]`. */
export function ofConvolution(groups: number): Bilinear {
  return {
    plain: (x, y, bias) => convolve(Float64Array, x, y, bias, groups),
    withSquares: (x, y) => convolve(Float64Array, x, squared(y), undefined, groups),
    withMagnitudes: (x, y) => convolve(Float64Array, x, magnitude(y), undefined, groups),
    terms: (_, { shape }) => sizeOf(shape.slice(1)),
    part: (x, y, from, to) => convolve(Float64Array, x, taps(y, from, to), undefined, groups),
  }
}

/** The weights of a convolution `[o, C/groups, kh, kw]` with all taps of an output but some left out. */
function taps({ data, shape }: Tensor, from: number, to: number): Tensor {
  const n = sizeOf(shape.slice(1))
  return fill(shape, (i) => (i % n >= from && i % n < to ? data[i] : 0))
}
