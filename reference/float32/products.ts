import { ShapeError } from '../shape-error.ts'
import { sizeOf, tensor, type RealConstructor, type Tensor } from '../tensor.ts'
import { pairMatrices } from './broadcast.ts'
import { product, type InPlace } from './product.ts'

/**
 * The dense sums of products, in float64 in ascending order of the inner index, rounded once.
 * @param ofSecond what is made of the second factor, element by element: `Σ x·f(y)`, f(0) = 0
 */
export function products(
  Storage: RealConstructor,
  ofSecond?: InPlace,
): {
  matmul: (x: Tensor, y: Tensor) => Tensor
  matmulTransposed: (x: Tensor, y: Tensor) => Tensor
  linear: (x: Tensor, weight: Tensor, bias?: Tensor) => Tensor
} {
  const multiply = (x: Tensor, y: Tensor, transposed: boolean): Tensor => {
    const operation = transposed ? 'matmulTransposed' : 'matmul'
    const { n, k, m } = matrixSizes(operation, x, y, transposed)
    const { lead, count, first, second } = pairMatrices(operation, x.shape.slice(0, -2), y.shape.slice(0, -2))
    const out = new Storage(count * n * m)
    for (let i = 0; i < count; i++) {
      const [a, b] = [first(i) * n * k, second(i) * k * m]
      product(out, i * n * m, x.data, a, y.data, b, n, k, m, transposed, undefined, ofSecond)
    }
    return tensor(out, [...lead, n, m])
  }
  return {
    matmul: (x, y) => multiply(x, y, false),
    matmulTransposed: (x, y) => multiply(x, y, true),
    linear(x, weight, bias) {
      const { k, m } = linearSizes(x, weight, bias)
      const lead = x.shape.slice(0, -1)
      const out = new Storage(sizeOf(lead) * m)
      product(out, 0, x.data, 0, weight.data, 0, sizeOf(lead), k, m, true, bias?.data, ofSecond)
      return tensor(out, [...lead, m])
    },
  }
}

/**
 * `[.., n, k] × [.., k, m]`, or `[.., m, k]` where transposed.
 * @throws ShapeError where they do not fit
 */
export function matrixSizes(
  operation: string,
  { shape: x }: { shape: readonly number[] },
  { shape: y }: { shape: readonly number[] },
  transposed: boolean,
): { n: number; k: number; m: number } {
  if (x.length < 2) throw new ShapeError(operation, 'x', '[.., n, k]', x)
  const [n, k] = x.slice(-2)
  const [inner, m] = transposed ? y.slice(-2).toReversed() : y.slice(-2)
  if (y.length < 2 || inner !== k) {
    throw new ShapeError(operation, 'y', transposed ? `[.., m, ${k}]` : `[.., ${k}, m]`, y)
  }
  return { n, k, m }
}

/**
 * x `[.., k]`, weight `[m, k]`, bias `[m]`.
 * @throws ShapeError where they do not fit
 */
export function linearSizes(x: Tensor, weight: Tensor, bias?: Tensor): { k: number; m: number } {
  const k = x.shape.at(-1) ?? 0
  const [m] = weight.shape
  if (x.shape.length === 0 || weight.shape.length !== 2 || weight.shape[1] !== k) {
    throw new ShapeError('linear', 'weight', `[out, ${k}]`, weight.shape)
  }
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== m)) {
    throw new ShapeError('linear', 'bias', `[${m}]`, bias.shape)
  }
  return { k, m }
}
