import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { LARGEST, type Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'

/**
 * Bounds of layerNorm y = (x − μ)·r·g + β along the last axis, r = (var + ε)^−½.
 *
 * With d = x − μ and D for a division: b_μ = mean b + (γ_(n − 1) ∘ D)·mean(|x| + b), b_d = (b + b_μ)(1 + u) + u|d|. What the
 * inputs' errors do to the variance is mean(2|d|b + (b + b_μ)²), the common part of d's error dropping out since Σd = 0; rounding
 * adds (γ_(n + 2) ∘ D)·mean((|d| + b + b_μ)²), or in the one-pass form three such shares of mean((|x| + b)²). ρ is the relative
 * error of var + ε; where it reaches 1 the denominator may be 0 and nothing can be proved. Then
 * |d̂·r̂ − d·r| ≤ r·[b_d + (|d| + b_d)((1 − ρ)^−½(1 + r's own error) − 1)], two products and a sum.
 */
export function layerNormBounds(
  accuracy: Accuracy,
  x: Bounded,
  weight: Bounded,
  bias: Bounded,
  eps: number,
  y: Tensor,
): Tensor {
  const out = new Float64Array(y.size)
  const n = y.shape.at(-1) ?? 1
  for (let start = 0; start < y.size; start += n) boundRow(accuracy, out, x, weight, bias, eps, y, start, n)
  return tensor(out, y.shape)
}

function boundRow(
  accuracy: Accuracy,
  out: Float64Array,
  { v: x, b }: Bounded,
  weight: Bounded,
  bias: Bounded,
  eps: number,
  y: Tensor,
  start: number,
  n: number,
): void {
  const { u, gamma, divide, flush, profile } = accuracy
  const { onePassLayerNorm, foldedLayerNorm } = profile.rewrites
  let [sum, inherited, magnitudes, squares] = [0, 0, 0, 0]
  for (let i = start; i < start + n; i++) {
    const largest = Math.abs(x.data[i]) + b.data[i]
    sum += x.data[i]
    inherited += b.data[i]
    magnitudes += largest
    squares += largest * largest
  }
  const mean = sum / n
  const averaged = compose(gamma(n - 1), divide) * (magnitudes / n) + 2 * flush
  const b_mean = inherited / n + averaged

  let [centred, fromInputs, variance] = [0, 0, 0]
  for (let i = start; i < start + n; i++) {
    const d = Math.abs(x.data[i] - mean)
    const off = b.data[i] + b_mean
    variance += d * d
    fromInputs += 2 * d * b.data[i] + off * off
    centred += (d + off) ** 2
  }
  variance /= n
  const twoPass = compose(gamma(n + 2), divide) * (centred / n)
  const square = (magnitudes / n + averaged) ** 2
  const onePass = !onePassLayerNorm
    ? 0
    : compose(gamma(n + 1), divide) * (squares / n) +
      (2 * magnitudes * averaged) / n +
      averaged ** 2 +
      u * square +
      u * (squares / n + square)
  const b_variance = fromInputs / n + Math.max(twoPass, onePass) + 3 * flush
  const t = variance + eps
  const rho = ((b_variance + u * eps) * (1 + u) + u * t) / t
  if (!(rho < 1) || !(squares <= LARGEST)) {
    out.fill(Infinity, start, start + n)
    return
  }
  const r = 1 / Math.sqrt(t)
  const relative = compose(1 / Math.sqrt(1 - rho) - 1, accuracy.inverseSqrt)

  for (let i = start; i < start + n; i++) {
    const c = i - start
    const d = Math.abs(x.data[i] - mean)
    const b_d = (b.data[i] + b_mean) * (1 + u) + u * d + flush
    const g = Math.abs(weight.v.data[c]) + weight.b.data[c]
    const normed = r * (b_d + (d + b_d) * relative)
    const largest = d * r + normed
    const scaled = g * (normed + compose(u, u) * largest) + d * r * weight.b.data[c]
    // x·(r·g) + (β − μ·r·g): each part rounded before they cancel
    const parts = foldedLayerNorm
      ? compose(u, u) *
          g *
          r *
          (1 + relative) *
          (Math.abs(x.data[i]) + b.data[i] + 2 * (Math.abs(mean) + b_mean)) +
        u * Math.abs(bias.v.data[c])
      : 0
    const before = scaled + parts + bias.b.data[c]
    const bound = before + u * (Math.abs(y.data[i]) + before) + flush * (3 + g * (1 + r))
    out[i] = Math.abs(y.data[i]) + bound <= LARGEST ? bound : Infinity
  }
}
