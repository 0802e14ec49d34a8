import { tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import { SMALLEST_NORMAL, stepError, type Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'
import { asOperand, resultBound } from './flushed.ts'
import { meanOfRow, ofVariance, type Moments } from './moments.ts'
import { storing, type Storing } from './storing.ts'

/**
 * Bounds of layerNorm y = (x − μ)·r·g + β written out in steps. H(a) is what storing anything of magnitude up to a may
 * cost: half the distance of the format's numbers there. With the moments' bounds (below):
 *
 * - d = x − μ: B_d = b + H(|d| + b), b = (B + B_μ)(1 + u) + u|d|;
 * - |d̂·r̂ − d·r| ≤ r·[B_d + max((|d| + B_d)·above, |d|·below)];
 * - two products, u and H each. The first of them may be d·r, r·g, or d·g (the root divided by last), whose H is
 *   multiplied by the third factor;
 * - the bias, whose sum is a result.
 *
 * x, y and the bounds `[.., C]`, weight and bias `[C]`; infinite where a row is unprovable.
 */
export function stepwiseLayerNormBounds(
  accuracy: Accuracy,
  x: Bounded,
  weight: Bounded,
  bias: Bounded,
  eps: number,
  y: Tensor,
): Tensor {
  const { u, flush } = accuracy
  const stored = storing(accuracy)
  const H = stored.one
  const twice = compose(u, u)
  const lost = flush + u * SMALLEST_NORMAL
  const fromX = asOperand(x, flush).data
  const fromWeight = asOperand(weight, flush).data
  const fromBias = asOperand(bias, flush).data
  const out = new Float64Array(y.size)
  const n = y.shape.at(-1) ?? 1
  for (let start = 0; start < out.length; start += n) {
    const values = x.v.data.subarray(start, start + n)
    const bounds = fromX.subarray(start, start + n)
    const { mean, ofMean, r, above, below } = momentsOf(accuracy, stored, values, bounds, eps)
    if (!(above < Infinity)) {
      out.fill(Infinity, start, start + n)
      continue
    }
    const root = r * (1 + above)
    for (let c = 0; c < n; c++) {
      const d = Math.abs(values[c] - mean)
      const difference = resultBound(d, bounds[c] + ofMean, u, flush)
      const off = difference + H(d + difference)
      const normed = r * (off + Math.max((d + off) * above, d * below))
      const g = Math.abs(weight.v.data[c]) + fromWeight[c]
      const first = Math.max(H(d * r + normed) * g, H(root * g) * (d + off), H((d + off) * g) * root)
      const size = g * (d * r + normed) + first
      const mayFlush = lost * (3 + g + root + d + off)
      const products = g * normed + d * r * fromWeight[c] + twice * size + mayFlush + first
      const inherited = products + H(size + twice * size + mayFlush) + fromBias[c]
      out[start + c] = resultBound(Math.abs(y.data[start + c]), inherited, u, flush)
    }
  }
  return tensor(out, y.shape)
}

/**
 * Mean, variance and root of a row of n numbers within x ± B, D standing for a division, β for what x̂ is off, M(a) for
 * what storing a mean of magnitude up to a may cost (`storing.ts`).
 *
 * The mean: μ̂ = mean(x + β) + e, |e| ≤ E = a + M(|μ| + mean B + a), of the sum a = (γ_(n − 1) ∘ D)·mean(|x| + B).
 *
 * Every difference is stored: d̂ = d + β − mean β − e + h, |h| ≤ H. As Σd = 0, mean d̂² is
 * var + mean(2dβ + β²) − (mean β)² + mean((h − e)²) + 2·mean((d + β − mean β)·h):
 * down by at most mean(2|d|B) + 2·mean((|d| + B + mean B)·H), up by at most mean(B²) + (E + √mean H²)² more.
 *
 * Computing adds H of every square and (γ_(n + 2) ∘ D) of what is summed; or what one pass adds in float32
 * (`moments.ts`).
 *
 * The interval for var is then carried on end by end, since every step rises or falls with its operand: M of the mean,
 * ε with its own rounding, H of their sum, of the root, of its reciprocal. Where the root is divided by, or the inverse
 * root is one operation, one of these is left out.
 */
function momentsOf(accuracy: Accuracy, stored: Storing, x: Real, B: Real, eps: number): Moments {
  const { u, gamma, divide, flush, inverseSqrt, profile } = accuracy
  const H = stored.one
  const n = x.length
  const row = meanOfRow(accuracy, x, B)
  const { mean, inherited, averaging, lost } = row
  const E = averaging + stored.mean(row.largest + averaging, n)
  const ofMean = inherited + E

  let [variance, linear, quadratic, crossed, ofDifferences, ofSquares, centred] = [0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const d = Math.abs(x[i] - mean)
    const own = B[i] + flush
    const before = own + ofMean
    const h = H(d + before)
    const largest = d + before + h
    variance += (d * d) / n
    linear += (2 * d * own) / n
    quadratic += own ** 2 / n
    crossed += (2 * (d + own + inherited) * h) / n
    ofDifferences += h ** 2 / n
    ofSquares += H(largest ** 2) / n
    centred += largest ** 2 / n
  }
  const twoPass = ofSquares + compose(gamma(n + 2), divide) * (centred + ofSquares)
  const computing = ofVariance(accuracy, n, row, variance + linear + quadratic, twoPass)
  const down = linear + crossed + computing + (n + 5) * lost
  const up = down + quadratic + (E + Math.sqrt(ofDifferences)) ** 2

  const least = variance - down - stored.mean(variance, n)
  const most = variance + up + stored.mean(variance + up, n)
  const ofEps = stepError(profile.formats.results, eps, 0, profile.rounding) + u * eps
  const [lowest, highest] = [(least + eps - ofEps) * (1 - u), (most + eps + ofEps) * (1 + u)]
  const [low, high] = [lowest - H(Math.max(0, lowest)), highest + H(highest)]
  const mayOverflow = row.mayOverflow || !(high < Infinity)
  const r = 1 / Math.sqrt(variance + eps)
  if (mayOverflow || !(low > 0)) return { mean, ofMean, r, above: Infinity, below: 1 }
  const [short, long] = [Math.sqrt(low), Math.sqrt(high)]
  const largest = (1 + inverseSqrt) / (short - H(short))
  const smallest = (1 - inverseSqrt) / (long + H(long))
  return {
    mean,
    ofMean,
    r,
    above: (largest + H(largest)) / r - 1,
    below: 1 - (smallest - H(smallest)) / r,
  }
}
