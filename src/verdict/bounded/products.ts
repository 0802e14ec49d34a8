import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import type { Bilinear } from '../noise/bilinear.ts'
import { fill, magnitude } from '../noise/noise.ts'
import { formatError, LARGEST, SMALLEST_NORMAL, type Accuracy } from '../profile/accuracy.ts'
import type { Format, Profile } from '../profile/profile.ts'
import { compose, isKnown, type Bounded } from './bounded.ts'
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
 * twice, is common to all terms: k·(1 + C)·(bound with m + 2 roundings) + C·k|v|, C = constant ∘ constant, and where constants are
 * rounded to a narrow format, that of k, or of √k twice.
 *
 * @param multiply the sum of products, which says what shapes x, y and bias have; v and its bounds are as it gives
 * @param n the most terms of a sum that are not surely 0
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
  const m = bias === undefined ? n : n + 1
  let products: Tensor | undefined
  const magnitudes = (): Tensor => (products ??= multiply.withMagnitudes(magnitude(left.v), right.v))
  const factors = (k: number): readonly [Bounded, Bounded] => [
    asFactor(accuracy, left, k),
    asFactor(accuracy, right, k),
  ]
  const [x, y] = factors(1)
  const ofProducts = errorOfProducts(multiply, x, y, magnitudes)
  const isExact = isKnown(x) && isKnown(y) && (bias === undefined || isKnown(bias))
  const exact = isExact ? exactUpTo(left.v, right.v, bias?.v) : 0

  // a flushed number, or one rounded among the subnormals
  const tiny = flush + u * SMALLEST_NORMAL
  const plain = withBias(ofProducts(gamma(m)), gamma(m), m * tiny, magnitudes, bias)
  if (exact > 0) {
    const width = bias?.v.size ?? 1
    for (let i = 0; i < plain.length; i++) {
      if (magnitudes().data[i] + Math.abs(bias?.v.data[i % width] ?? 0) <= exact) plain[i] = 0
    }
  }
  return {
    b: tensor(plain, v.shape),
    folded(k) {
      const scaled = factors(k)
      const same = scaled[0].b === x.b && scaled[1].b === y.b
      const share = same ? ofProducts : errorOfProducts(multiply, ...scaled, magnitudes)
      const g = gamma(m + 2)
      const terms = withBias(share(g), g, m * (tiny / Math.min(1, k)), magnitudes, bias)
      const [whole, root] = [accuracy.narrowConstant(k), accuracy.narrowConstant(Math.sqrt(k))]
      const common = compose(constant, constant, Math.max(whole, compose(root, root)))
      return tensor(timesConstant(terms, v.data, k, common), v.shape)
    },
  }
}

/**
 * The bounds of sums of terms of which some are flushed, `lost` at most: `share` is what the products give at γ = g, to
 * which comes the bias. Written over the share.
 * @param magnitudes XY
 */
function withBias(
  { data: out }: Tensor,
  g: number,
  lost: number,
  magnitudes: () => Tensor,
  bias: Bounded | undefined,
): Real {
  const [biases, ofBiases] = [bias?.v.data, bias?.b.data]
  const width = biases?.length ?? out.length
  for (let start = 0; start < out.length; start += width) {
    for (let j = 0; j < width; j++) {
      const share = out[start + j]
      const size = biases === undefined ? 0 : Math.abs(biases[j])
      const ofBias = ofBiases === undefined ? 0 : ofBiases[j]
      const terms = share + (1 + g) * ofBias + g * size
      // nothing but zeros
      if (terms === 0) {
        out[start + j] = 0
        continue
      }
      const bound = terms + lost
      // Σ|terms| is at most share/γ and the bias: seldom is XY wanted itself
      const mayOverflow =
        !(share / g + size + bound <= LARGEST) && !(magnitudes().data[start + j] + size + bound <= LARGEST)
      out[start + j] = mayOverflow ? Infinity : bound
    }
  }
  return out
}

/** k times the bounds, and what k is off by itself: k·(b·(1 + C) + C|v|). Written over the bounds. */
function timesConstant(b: Real, v: Real, k: number, C: number): Real {
  for (let i = 0; i < b.length; i++) b[i] = k * (b[i] * (1 + C) + C * Math.abs(v[i]))
  return b
}

/**
 * What n products of factors within B_x and B_y add to the bound of their sum, by γ = g:
 * (1 + g)·[(X + B_x)(Y + B_y) − XY] + g·XY. Where one factor is exact, B_y = 0, that is [(1 + g)·B_x + g·X]·Y: one product.
 * @param magnitudes XY
 */
function errorOfProducts(
  multiply: Bilinear,
  x: Bounded,
  y: Bounded,
  magnitudes: () => Tensor,
): (g: number) => Tensor {
  if (isKnown(x) && isKnown(y)) return (g) => t.scale(magnitudes(), g)
  if (isKnown(y)) return (g) => finite(multiply.withMagnitudes(within(x, g), y.v))
  if (isKnown(x)) return (g) => finite(multiply.plain(magnitude(x.v), within(y, g)))
  const largest = finite(multiply.plain(largestOf(x), largestOf(y)))
  return (g) => ofBoth(largest, magnitudes(), g)
}

/** What factors of which neither is exact give: `largest` is (X + B_x)(Y + B_y). */
function ofBoth({ data: largest, shape }: Tensor, { data: products }: Tensor, g: number): Tensor {
  const out = new Float64Array(products.length)
  for (let i = 0; i < out.length; i++) {
    // what float64 rounded may have cancelled
    const carried = Math.max(0, largest[i] - products[i] * (1 - 2 ** -48))
    out[i] = carried + g * (products[i] + carried)
  }
  return tensor(out, shape)
}

/** (1 + g)·B + g·X. */
function within({ v: { data, shape }, b }: Bounded, g: number): Tensor {
  const bounds = b.data
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = (1 + g) * bounds[i] + g * Math.abs(data[i])
  return tensor(out, shape)
}

/** X + B. */
function largestOf({ v: { data, shape }, b }: Bounded): Tensor {
  const bounds = b.data
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(data[i]) + bounds[i]
  return tensor(out, shape)
}

/** A product where infinite bounds met zeros too: 0·∞ is unknown, not 0. */
function finite(product: Tensor): Tensor {
  const { data } = product
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) data[i] = Infinity
  return product
}

/**
 * A factor as it enters a product, before or after scaling by k: flushed, and rounded to the format that the profile gives it. Where
 * every result is rounded to that already, it is so again only when scaled.
 */
function asFactor({ profile, flush }: Accuracy, x: Bounded, k: number): Bounded {
  const { productInputs, results } = profile.formats
  const b = asOperand(x, flush / Math.min(1, k))
  const scaled = k === 1 ? b : narrowed(profile, results, x.v, b, k)
  return {
    v: x.v,
    b: productInputs === results ? scaled : narrowed(profile, productInputs, x.v, scaled, k),
    s2: x.s2,
  }
}

/** The bounds of v ± b rounded to a format, before or after scaling by k. */
function narrowed({ rounding }: Profile, format: Format, v: Tensor, b: Tensor, k: number): Tensor {
  if (format === 'float32') return b
  const error = (size: number): number => formatError(format, size, rounding)
  return fill(v.shape, (i) => {
    const size = Math.abs(v.data[i]) + b.data[i]
    return b.data[i] + Math.max(error(size), error(k * size) / k)
  })
}

/** The most entries of a row that are not surely 0: the longest sum a sparse product makes. */
export function mostPerRow({ v, b }: Bounded): number {
  const width = v.shape.at(-1) ?? 1
  let most = 0
  for (let start = 0; start < v.size; start += width) {
    let held = 0
    for (let i = start; i < start + width; i++) if (v.data[i] !== 0 || b.data[i] !== 0) held++
    most = Math.max(most, held)
  }
  return most
}
