import { tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import { SMALLEST_NORMAL, type Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'
import { asOperand, resultBound } from './flushed.ts'
import { meanOfRow, ofVariance, type Moments } from './moments.ts'

/**
 * Bounds of layerNorm y = (x − μ)·r·g + β along the last axis, r = (var + ε)^−½. With d = x − μ and the moments' bounds
 * (below):
 *
 * - B_d = (B + B_μ)(1 + u) + u|d|, and |d̂·r̂ − d·r| ≤ r·[B_d + max((|d| + B_d)·above, |d|·below)];
 * - two products and a sum follow. Folded, as x·(r·g) + (β − μ·r·g), parts are rounded before they cancel: x·r·g twice,
 *   μ·r·g three times, β once;
 * - whatever the order of the products, F is lost where d·r, x·r or μ·r is flushed, times g; where r·g is, times x and
 *   μ; and in 4 results. A gain that may be flushed itself may be so in x·r·g alone, or in μ·r·g.
 *
 * x, y and the bounds `[.., C]`, weight and bias `[C]`; infinite where a row is unprovable.
 */
export function layerNormBounds(
  accuracy: Accuracy,
  x: Bounded,
  weight: Bounded,
  bias: Bounded,
  eps: number,
  y: Tensor,
): Tensor {
  const { u, flush } = accuracy
  const { foldedLayerNorm } = accuracy.profile.rewrites
  const [twice, thrice] = [compose(u, u), compose(u, u, u)]
  const lost = flush + u * SMALLEST_NORMAL
  const fromX = asOperand(x, flush).data
  const fromWeight = asOperand(weight, flush).data
  const fromBias = asOperand(bias, flush).data
  const [gains, ofGains, biases, ys] = [weight.v.data, weight.b.data, bias.v.data, y.data]
  const out = new Float64Array(y.size)
  const n = y.shape.at(-1) ?? 1
  for (let start = 0; start < out.length; start += n) {
    const values = x.v.data.subarray(start, start + n)
    const bounds = fromX.subarray(start, start + n)
    const { mean, ofMean, r, above, below } = momentsOf(accuracy, values, bounds, eps)
    if (!(above < Infinity)) {
      out.fill(Infinity, start, start + n)
      continue
    }
    for (let c = 0; c < n; c++) {
      const d = Math.abs(values[c] - mean)
      const w = Math.abs(gains[c])
      const beta = Math.abs(biases[c])
      const off = resultBound(d, bounds[c] + ofMean, u, flush)
      const normed = r * (off + Math.max((d + off) * above, d * below))
      const g = w + fromWeight[c]
      const X = Math.abs(values[c]) + bounds[c]
      const M = Math.abs(mean) + ofMean
      const rounding = foldedLayerNorm
        ? g * r * (1 + above) * (twice * X + thrice * M) + u * (beta + fromBias[c])
        : g * twice * (d * r + normed)
      const gainMayVanish = (w - fromWeight[c]) * r * (1 - below) < 2 * SMALLEST_NORMAL
      const ofWeight = ofGains[c]
      // folded, a subnormal gain may be taken as 0 in one part and not in the other
      const halved =
        foldedLayerNorm && w - ofWeight < flush ? (w + ofWeight) * r * (1 + above) * Math.max(X, M) : 0
      const flushed = lost * (4 + 2 * g + (gainMayVanish && g > 0 ? X + M : 0)) + halved
      const inherited = g * normed + d * r * fromWeight[c] + fromBias[c] + rounding + flushed
      out[start + c] = resultBound(Math.abs(ys[start + c]), inherited, u, flush)
    }
  }
  return tensor(out, y.shape)
}

/**
 * Mean, variance and root of a row of n numbers within x ± B, D standing for a division.
 *
 * B_μ = mean B + e, e = (γ_(n − 1) ∘ D)·mean(|x| + B). Inherited errors β move the variance by
 * mean(2dβ + β²) − (mean β)², as Σd = 0, and that of the mean by e²: down by at most mean(2|d|B), up by at most
 * mean(B²) + e² more.
 *
 * Computing adds (γ_(n + 2) ∘ D)·mean((|d| + B + B_μ)²): d̂ rounded and squared, the square, and n − 1 sums; or what
 * one pass adds (`moments.ts`).
 *
 * Then var + ε is off by the share ρ, all told, and r by (1 ± ρ)^−½ and the root's own error; unprovable where ρ reaches
 * 1 on the way down.
 */
function momentsOf(accuracy: Accuracy, x: Real, B: Real, eps: number): Moments {
  const { u, gamma, divide, flush } = accuracy
  const n = x.length
  const row = meanOfRow(accuracy, x, B)
  const { mean, inherited, averaging, lost } = row
  const ofMean = inherited + averaging

  let [variance, linear, quadratic, centred] = [0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const d = Math.abs(x[i] - mean)
    const off = B[i] + ofMean + flush
    variance += (d * d) / n
    linear += (2 * d * (B[i] + flush)) / n
    quadratic += (B[i] + flush) ** 2 / n
    centred += (d + off) ** 2 / n
  }
  const twoPass = compose(gamma(n + 2), divide) * centred
  const computing = ofVariance(accuracy, n, row, variance + linear + quadratic, twoPass)
  const down = linear + computing + (n + 5) * lost

  const t = variance + eps
  const share = (off: number): number => ((off + u * eps) * (1 + u) + u * t) / t
  const larger = 1 / Math.sqrt(1 - share(down)) - 1
  const smaller = 1 - 1 / Math.sqrt(1 + share(down + quadratic + averaging ** 2))
  const isProvable = !row.mayOverflow && larger >= 0 && larger < Infinity
  return {
    mean,
    ofMean,
    r: 1 / Math.sqrt(t),
    above: isProvable ? compose(larger, accuracy.inverseSqrt) : Infinity,
    below: compose(smaller, accuracy.inverseSqrt),
  }
}
