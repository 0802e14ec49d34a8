import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { flushing, type Bilinear } from '../noise/flushing.ts'
import { fill } from '../noise/noise.ts'
import { formatError, LARGEST, type Accuracy } from '../profile/accuracy.ts'
import { isKnown, magnitude, type Bounded } from './bounded.ts'

const t = fullArithmetic(Float64Array)

/** Bounds of a sum of products, and Σ|terms| with it. */
export interface ProductBounds {
  readonly b: Tensor
  readonly terms: Tensor
}

/**
 * Bounds of Σ xy (+ bias) over n products, in any order, fused or not: with X = |x|, Y = |y|
 * prop + γ_(n or n + 1)·(XY + |bias| + prop) + flushing, prop = b_x·Y + (X + b_x)·b_y + b_bias. A term meets at most n
 * roundings: its own and n − 1 sums; one sum more with a bias. Infinite where Σ|terms| may overflow.
 *
 * @param multiply the sum of products, bilinear
 */
export function productBounds(
  accuracy: Accuracy,
  multiply: Bilinear,
  left: Bounded,
  right: Bounded,
  n: number,
  bias?: Bounded,
): ProductBounds {
  const [x, y] = [asInput(accuracy, left), asInput(accuracy, right)]
  const [X, Y] = [magnitude(x.v), magnitude(y.v)]
  const products = multiply(X, Y)
  const inherited = propagated(multiply, X, x, Y, y, products)
  const flushed = accuracy.flush === 0 ? () => 0 : flushing(multiply, x.v, y.v, n)
  const rounding = accuracy.gamma(bias === undefined ? n : n + 1)
  const biases = bias?.v.size ?? 1
  const b = fill(products.shape, (i) => {
    const onBias = bias === undefined ? 0 : Math.abs(bias.v.data[i % biases])
    const prop = (inherited?.data[i] ?? 0) + (bias?.b.data[i % biases] ?? 0)
    const total = products.data[i] + onBias + prop
    if (!(total * (1 + rounding) <= LARGEST)) return Infinity
    return prop + rounding * total + flushed(i)
  })
  return { b, terms: products }
}

/** b_x·Y + (X + b_x)·b_y: with both inexact as (X + b_x)(Y + b_y) − XY, which is one product less. */
function propagated(
  multiply: Bilinear,
  X: Tensor,
  x: Bounded,
  Y: Tensor,
  y: Bounded,
  products: Tensor,
): Tensor | undefined {
  const [knownX, knownY] = [isKnown(x), isKnown(y)]
  if (knownX && knownY) return undefined
  if (knownY) return finite(multiply, x.b, Y)
  if (knownX) return finite(multiply, X, y.b)
  const all = finite(multiply, t.add(X, x.b), t.add(Y, y.b))
  return fill(all.shape, (i) => Math.max(0, all.data[i] - products.data[i] * (1 - 2 ** -48)))
}

/** The product, where infinite bounds meet zeros too: 0·∞ is unknown, not 0. */
function finite(multiply: Bilinear, x: Tensor, y: Tensor): Tensor {
  const product = multiply(x, y)
  return fill(product.shape, (i) => (Number.isNaN(product.data[i]) ? Infinity : product.data[i]))
}

/** A factor as it enters a product, rounded to the format that the profile gives it. */
function asInput({ profile }: Accuracy, x: Bounded): Bounded {
  const format = profile.formats.productInputs
  if (format === 'float32') return x
  const b = new Float64Array(x.v.size)
  for (let i = 0; i < b.length; i++) {
    const bound = x.b.data[i]
    b[i] = bound + formatError(format, Math.abs(x.v.data[i]) + bound)
  }
  return { ...x, b: tensor(b, x.v.shape) }
}
