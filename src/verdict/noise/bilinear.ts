import { convolve } from '../../../reference/float32/convolve.ts'
import type { InPlace } from '../../../reference/float32/product.ts'
import { products } from '../../../reference/float32/products.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { magnitude, squared } from './noise.ts'

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
}

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
}

/** x `[.., n, k]`, y `[.., m, k]`. */
export const ofMatmulTransposed: Bilinear = {
  plain: (x, y) => plain.matmulTransposed(x, y),
  withSquares: (x, y) => squares.matmulTransposed(x, y),
  withMagnitudes: (x, y) => magnitudes.matmulTransposed(x, y),
}

/** x `[.., k]`, y `[m, k]`, bias `[m]`. */
export const ofLinear: Bilinear = {
  plain: (x, y, bias) => plain.linear(x, y, bias),
  withSquares: (x, y) => squares.linear(x, y),
  withMagnitudes: (x, y) => magnitudes.linear(x, y),
}

/** x `[.., H, W, C]`, y `[o, C/groups, kh, kw]`, bias `[o]`. */
export function ofConvolution(groups: number): Bilinear {
  return {
    plain: (x, y, bias) => convolve(Float64Array, x, y, bias, groups),
    withSquares: (x, y) => convolve(Float64Array, x, squared(y), undefined, groups),
    withMagnitudes: (x, y) => convolve(Float64Array, x, magnitude(y), undefined, groups),
  }
}
