import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'
import { LARGEST, SMALLEST_NORMAL } from '../profile/accuracy.ts'
import { alikeInRow } from './alike.ts'
import { softmaxDrift } from './drift.ts'
import { fill, type Noisy, type NoisyKinds } from './noise.ts'
import type { Scatter } from './scatter.ts'

const t = fullArithmetic(Float64Array)

type Rules = Pick<Arithmetic<NoisyKinds>, 'softmax' | 'logSoftmax' | 'layerNorm'>

/** Rules along the last axis of the noise arithmetic. */
export function rowwiseNoise(scatter: Scatter): Rules {
  return {
    softmax(x) {
      const v = t.softmax(x.v)
      return withDrift(x.v, { v, s2: softmaxVariance(scatter, x, v) })
    },

    logSoftmax(x) {
      const v = t.logSoftmax(x.v)
      const p = t.softmax(x.v)
      const s2 = logSoftmaxVariance(scatter, x, p, v)
      const { isTogether } = softmaxDrift(x.v, p)
      return { v, s2, rowShared: true, ...(isTogether ? { allShared: true } : {}) }
    },

    layerNorm(x, weight, bias, eps) {
      const v = t.layerNorm(x.v, weight.v, bias.v, eps)
      const s2 = new Float64Array(v.size)
      const n = v.shape.at(-1) ?? 1
      for (let start = 0; start < v.size; start += n)
        layerNormVariance(scatter, s2, x, weight, bias, v, eps, start, n)
      return { v, s2: tensor(s2, v.shape) }
    },
  }
}

/** A softmax, all of whose entries in a row share what its sum drifts to. */
export function withDrift<N extends Noisy>(z: Tensor, noisy: N): N & Pick<Noisy, 'rowShared'> {
  return softmaxDrift(z, noisy.v).most > 0 ? { ...noisy, rowShared: true } : noisy
}

/**
 * The variance of softmax p of logits z over the entries of each row that are `kept` (all unless given):
 * p²[σ_i²(1 − 2p_i)₊ + Σp_j²σ_j² + κ_i²(1 − p_i)² + (Σp_jκ_j)²(1 − p_i) + c²n/3 + D² + (2.1u)²], where σ² = s² + (c·x)²,
 * x = z − max, κ is exp's, and D what the sum drifts to (`drift.ts`); 2.1u stands for the division. What the logits give is taken as of e^x ten deviations out.
 */
export function softmaxVariance(scatter: Scatter, { v: z, s2 }: Noisy, p: Tensor, kept?: Uint8Array): Tensor {
  const c2 = scatter.c ** 2
  const [logits, variances, probabilities] = [z.data, s2.data, p.data]
  const out = new Float64Array(p.size)
  const width = p.shape.at(-1) ?? 1
  const { byRow } = softmaxDrift(z, p)
  // of one row at a time: its places, and σ² and κ there
  const row = new Int32Array(width)
  const [sigma2, kappa] = [new Float64Array(width), new Float64Array(width)]
  for (let start = 0; start < p.size; start += width) {
    let n = 0
    for (let i = start; i < start + width; i++) if (kept === undefined || kept[i] === 1) row[n++] = i
    let max = -Infinity
    for (let at = 0; at < n; at++) max = Math.max(max, logits[row[at]])
    let [mixed, drift] = [0, 0]
    for (let at = 0; at < n; at++) {
      const x = logits[row[at]]
      const variance = variances[row[at]]
      sigma2[at] = variance + c2 * (x - max) ** 2
      kappa[at] = scatter.exp(Math.max(max - x, Math.abs(x)))
      // one logit that may overflow decides the whole row, whatever its weight
      if (!(variance < Infinity)) mixed = Infinity
    }
    for (let at = 0; at < n; at++) {
      const weight = probabilities[row[at]]
      if (weight === 0) continue
      mixed += weight * weight * sigma2[at]
      drift += weight * kappa[at]
    }
    const own = (c2 * n) / 3 + byRow[start / width] ** 2 + scatter.divide ** 2
    const l = logSumExp(z, p, start, width)
    for (let at = 0; at < n; at++) {
      const i = row[at]
      const q = probabilities[i]
      if (q === 0) {
        // less than float64 has, if truth has not dropped it; but not for a runtime whose logits are off by much
        const distance = logits[i] - l
        const far = distance + FAR * Math.sqrt(sigma2[at] + mixed)
        if (!(mixed < Infinity)) out[i] = Infinity
        else if (distance < UNDERFLOW) out[i] = Math.min((Math.exp(far) / FAR) ** 2, 0.25)
        continue
      }
      const ofLogits = sigma2[at] * Math.max(0, 1 - 2 * q) + mixed
      // nothing that exp may do moves a probability beside which all others are 0: κ(1 − q) is 0 there, though κ be infinite
      const exps = q === 1 ? 0 : (kappa[at] * (1 - q)) ** 2 + drift * drift * (1 - q)
      // a probability is off by one at most
      const moved = ofLogits < Infinity ? Math.min(movedBy(q, ofLogits), 0.25) : Infinity
      out[i] = moved + q * q * (exps + own) + SMALLEST_NORMAL ** 2
    }
  }
  return tensor(out, p.shape)
}

/**
 * What is added where p_i is e^(z_i − l), l = log Σe^z: p²[log² + κ(v)² + c²(3l² + 2z² + v²)], v = log p, of the logarithm, the last
 * exponential, l rounded, l and z times a rounded log₂e, and their difference.
 */
export function logSumExpVariance(scatter: Scatter, z: Tensor, p: Tensor): Tensor {
  const c2 = scatter.c ** 2
  const width = p.shape.at(-1) ?? 1
  return rowsOf(p.shape, width, (out, start) => {
    const l = logSumExp(z, p, start, width)
    const log = scatter.log(2) + scatter.log(Math.exp(Math.min(700, Math.abs(l))))
    for (let i = start; i < start + width; i++) {
      if (p.data[i] === 0) continue
      const v = z.data[i] - l
      const roundings = c2 * (3 * l * l + 2 * z.data[i] ** 2 + v * v)
      out[i] = p.data[i] ** 2 * (log * log + scatter.exp(Math.abs(v)) ** 2 + roundings)
    }
  })
}

/** log Σe^z of a row of logits, by its largest probability; 0 where none is kept. */
export function logSumExp(z: Tensor, p: Tensor, start: number, width: number): number {
  let most = start
  for (let i = start; i < start + width; i++) if (p.data[i] > p.data[most]) most = i
  return p.data[most] > 0 ? z.data[most] - Math.log(p.data[most]) : 0
}

/** Below it e^x is 0, or nearly, in float64. */
const UNDERFLOW = -700

/** How far out e^x is taken for a straight line, in standard deviations: as far as any element of an honest runtime was seen. */
const FAR = 10

/** The variance of e^x by that of x, which is the same while x is nearly exact: of narrow formats ten deviations of a logit may be several units. */
function ofPower(variance: number): number {
  return (Math.expm1(FAR * Math.sqrt(variance)) / FAR) ** 2
}

/**
 * q²·e^x's variance; where float64 has 0 times infinity, of their logarithms: a probability that is nothing to begin with may be anything where logits are
 * off by hundreds, and is nothing still where those are fewer than it is below the largest.
 */
function movedBy(q: number, variance: number): number {
  const moved = q * q * ofPower(variance)
  return Number.isNaN(moved) ? (Math.exp(Math.log(q) + FAR * Math.sqrt(variance)) / FAR) ** 2 : moved
}

/** log p = z − max − log Σe^{z − max}: the logits' noise, the sum's and what it drifts to (`drift.ts`), the log's own error, and two subtractions. */
function logSoftmaxVariance(scatter: Scatter, { v: z, s2 }: Noisy, p: Tensor, logP: Tensor): Tensor {
  const c2 = scatter.c ** 2
  const width = p.shape.at(-1) ?? 1
  const { byRow } = softmaxDrift(z, p)
  return rowsOf(p.shape, width, (out, start) => {
    let max = -Infinity
    for (let i = start; i < start + width; i++) max = Math.max(max, z.data[i])
    let mixed = s2.data.subarray(start, start + width).every((variance) => variance < Infinity) ? 0 : Infinity
    let drift = 0
    for (let i = start; i < start + width; i++) {
      if (p.data[i] === 0) continue
      mixed += p.data[i] ** 2 * (s2.data[i] + c2 * (z.data[i] - max) ** 2)
      drift += p.data[i] * scatter.exp(max - z.data[i])
    }
    for (let i = start; i < start + width; i++) {
      const x = z.data[i] - max
      const logSum = x - logP.data[i]
      const log = scatter.log(Math.exp(logSum))
      const roundings = c2 * (2 * x * x + max * max + 2 * logSum * logSum + 2 * logP.data[i] ** 2 + width / 3)
      const logits = s2.data[i] * Math.max(0, 1 - 2 * p.data[i]) + mixed
      out[i] = logits + drift * drift + byRow[start / width] ** 2 + log * log + roundings
    }
  })
}

/** d = x − μ, r = (var + ε)^{−½}: noise of d, of the mean, of the variance, of rsqrt and of the affine map. */
function layerNormVariance(
  scatter: Scatter,
  out: Float64Array,
  { v, s2: { data: s2 } }: Noisy,
  weight: Noisy,
  bias: Noisy,
  { data: y }: Tensor,
  eps: number,
  start: number,
  n: number,
): void {
  const c2 = scatter.c ** 2
  const x = v.data
  const [gains, ofGains, ofBiases] = [weight.v.data, weight.s2.data, bias.s2.data]
  let [sum, squares, variances] = [0, 0, 0]
  for (let i = start; i < start + n; i++) {
    sum += x[i]
    squares += x[i] ** 2
    variances += s2[i]
  }
  const mu = sum / n
  const meanSquare = squares / n
  let [varSum, weighted] = [0, 0]
  for (let i = start; i < start + n; i++) {
    const d = x[i] - mu
    varSum += d * d
    weighted += d * d * s2[i]
  }
  const variance = varSum / n
  const shifted = variance + eps
  const inverse = 1 / Math.sqrt(shifted)
  const m = Math.min(meanSquare, 4 * variance)
  // summed and divided once, or a running mean (Welford), whose every update is a division and a rounding
  const alike = alikeInRow(v, start, n, mu, variance)
  const summed = c2 * ((mu * mu * alike) / 3 + meanSquare / 6) + scatter.divide ** 2 * mu * mu
  const running = (scatter.divide ** 2 / n + c2 / 2) * variance
  const meanNoise = variances / n / n + summed + running
  const varNoise =
    ((4 / n) * weighted) / n +
    c2 * (n / 3 + 1) * m * m +
    (4 * c2 + scatter.divide ** 2) * variance * variance +
    4 * Math.min(mu * mu, 3 * variance) * Math.min(meanNoise, c2 * (n / 3 + 2) * m)
  // the squares are summed in float32
  const overflow = squares <= LARGEST ? 0 : Infinity
  const relative = overflow + varNoise / (4 * shifted * shifted) + scatter.inverseSqrt ** 2 + 3 * c2
  for (let i = start; i < start + n; i++) {
    const d = x[i] - mu
    const gain = gains[i - start] * inverse
    const ofParams = (d * inverse) ** 2 * ofGains[i - start] + ofBiases[i - start]
    out[i] = gain * gain * (s2[i] + meanNoise + c2 * d * d + d * d * relative) + ofParams + c2 * y[i] ** 2
  }
}

function rowsOf(shape: Shape, width: number, row: (out: Float64Array, start: number) => void): Tensor {
  const out = fill(shape, () => 0)
  const data = out.data instanceof Float64Array ? out.data : new Float64Array(out.data)
  for (let start = 0; start < data.length; start += width) row(data, start)
  return tensor(data, shape)
}
