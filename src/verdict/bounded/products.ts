import { fullArithmetic } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import type { Bilinear } from '../noise/flushing.ts'
import { fill } from '../noise/noise.ts'
import { formatError, LARGEST, SMALLEST_NORMAL, type Accuracy } from '../profile/accuracy.ts'
import { compose, isKnown, magnitude, type Bounded } from './bounded.ts'
import { asOperand } from './flushed.ts'
import { exactUpTo } from './grid.ts'

const t = fullArithmetic(Float64Array)

/** Bounds of a sum of products v, and of k·v where k > 0 is applied to its factors or split over both. */
export interface ProductBounds {
  readonly b: Tensor
  readonly folded: (k: number) => Tensor
}

/**
 * Bounds of v = Σxy (+ bias) over at most n products that are not surely 0, in any order, fused or not. With X = |x|, Y = |y|, B
 * the bounds of the factors as they enter, and a bias among the terms:
 * prop + γ_m·(Σ|terms| + prop) + m·F, prop = (X + B_x)(Y + B_y) − XY + B_bias.
 * A term meets at most m roundings: its own and those of m − 1 sums, or with a bias those of m − 1 = n. A flushed bias, product or partial
 * sum costs less than F, and there are at most m that matter: what is added to 0 is not flushed anew. Infinite where Σ|terms|
 * may overflow; 0 where all partial sums are exact (`grid.ts`).
 *
 * Scaled by k, a factor is rounded and may be flushed after scaling, 2 more roundings a term; the constant's own error, of √k
 * twice, is common to all terms: k·(1 + C)·(bound with m + 2 roundings) + C·k|v|, C = constant ∘ constant.
 *
 * @param multiply the sum of products, bilinear
 */
export function productBounds(
  accuracy: Accuracy,
  multiply: Bilinear,
  v: Tensor,
  left: Bounded,
  right: Bounded,
  n: number,
  bias?: Bounded,
): ProductBounds {
  const { gamma, flush, u, constant } = accuracy
  const products = multiply(magnitude(left.v), magnitude(right.v))
  const m = bias === undefined ? n : n + 1
  const biases = bias?.v.size ?? 1
  const factors = (k: number): readonly [Bounded, Bounded] => [
    asFactor(accuracy, left, k),
    asFactor(accuracy, right, k),
  ]
  const plain = factors(1)
  const carriedPlainly = propagated(multiply, ...plain, products)
  const isExact = carriedPlainly === undefined && (bias === undefined || isKnown(bias))

  /** Of factors that enter with an error which has come to `carried`, and `roundings` a term; none up to Σ|terms| = `exact`. */
  const bounds = (carried: Tensor | undefined, roundings: number, tiny: number, exact: number): Tensor =>
    fill(products.shape, (i) => {
      const terms = products.data[i] + Math.abs(bias?.v.data[i % biases] ?? 0)
      const prop = (carried?.data[i] ?? 0) + (bias?.b.data[i % biases] ?? 0)
      if (terms + prop <= exact) return 0
      const bound = prop + gamma(roundings) * (terms + prop) + m * tiny
      return terms + bound <= LARGEST ? bound : Infinity
    })
  // a flushed number, or one rounded among the subnormals
  const tiny = flush + u * SMALLEST_NORMAL
  return {
    b: bounds(carriedPlainly, m, tiny, isExact ? exactUpTo(left.v, right.v, bias?.v) : 0),
    folded(k) {
      const [x, y] = factors(k)
      const same = x.b === plain[0].b && y.b === plain[1].b
      const carried = same ? carriedPlainly : propagated(multiply, x, y, products)
      const terms = bounds(carried, m + 2, tiny / Math.min(1, k), 0)
      const common = compose(constant, constant)
      return fill(v.shape, (i) => k * (terms.data[i] * (1 + common) + common * Math.abs(v.data[i])))
    },
  }
}

/** (X + B_x)(Y + B_y) − XY, where both are inexact with one product less than its expansion. */
function propagated(multiply: Bilinear, x: Bounded, y: Bounded, products: Tensor): Tensor | undefined {
  const [knownX, knownY] = [isKnown(x), isKnown(y)]
  if (knownX && knownY) return undefined
  if (knownY) return finite(multiply, x.b, magnitude(y.v))
  if (knownX) return finite(multiply, magnitude(x.v), y.b)
  const all = finite(multiply, t.add(magnitude(x.v), x.b), t.add(magnitude(y.v), y.b))
  // what float64 rounded may have cancelled
  return fill(all.shape, (i) => Math.max(0, all.data[i] - products.data[i] * (1 - 2 ** -48)))
}

/** The product, where infinite bounds meet zeros too: 0·∞ is unknown, not 0. */
function finite(multiply: Bilinear, x: Tensor, y: Tensor): Tensor {
  const product = multiply(x, y)
  return fill(product.shape, (i) => (Number.isNaN(product.data[i]) ? Infinity : product.data[i]))
}

/** A factor as it enters a product, before or after scaling by k: flushed, and rounded to the format that the profile gives it. */
function asFactor({ profile, flush }: Accuracy, x: Bounded, k: number): Bounded {
  const [format, smallest] = [profile.formats.productInputs, Math.min(1, k)]
  const b = asOperand(x, flush / smallest)
  if (format === 'float32') return { v: x.v, b, s2: x.s2 }
  const error = (size: number): number => formatError(format, size, profile.rounding)
  const narrow = fill(x.v.shape, (i) => {
    const size = Math.abs(x.v.data[i]) + b.data[i]
    return b.data[i] + Math.max(error(size), error(k * size) / k)
  })
  return { v: x.v, b: narrow, s2: x.s2 }
}
