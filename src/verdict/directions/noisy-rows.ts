import { tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import { alikeInRow } from '../noise/alike.ts'
import { softmaxDrift } from '../noise/drift.ts'
import { once } from '../noise/once.ts'
import { map } from './elements.ts'
import { noiseOf } from './jitter.ts'
import { DIVISION, ROUNDING, UNIT } from './units.ts'

const c2 = ROUNDING ** 2

interface NoisyRows {
  /** Noise on the softmax `p` of the logits x; entries of p that are exactly 0 are not held. */
  softmax(x: Tensor, p: Tensor): Tensor
  logSoftmax(x: Tensor, logP: Tensor): Tensor
  /** Noise on `y`, the LayerNorm of x. */
  layerNorm(x: Tensor, weight: Tensor, y: Tensor, eps: number): Tensor
}

/**
 * Local noise of the rules along the last axis. What a row shares (its maximum, sum, mean, variance) is off by one draw for all
 * of its elements.
 */
export function noisyRows(seed: number): NoisyRows {
  /** One draw for a row: rows that are alike get the same. */
  const ofRow = (salt: number, value: number): number => noiseOf(seed + salt, value)
  return {
    softmax(x, p) {
      const { byRow } = softmaxDrift(x, p)
      return rowwise(p, (out, start, n) => {
        const { max, errors, drift } = powerErrors(x, p.data.subarray(start, start + n), start, seed)
        // where terms are alike, the drift of their sum has one sign, whatever its size
        const shared = ROUNDING * Math.sqrt(n / 3) * ofRow(1, max) + byRow[start / n] * noiseOf(seed + 5, 0)
        const quotient = isFlat(p.data, start, n) ? Math.fround : (q: number): number => q
        for (let i = 0; i < n; i++) {
          const q = p.data[start + i]
          if (q === 0) continue
          const division = DIVISION * noiseOf(seed + 2, quotient(q))
          out[start + i] = q * (1 + errors[i] - drift + shared + division)
        }
      })
    },

    logSoftmax(x, logP) {
      const { byRow } = softmaxDrift(x, powersIn(logP))
      return rowwise(logP, (out, start, n) => {
        const p = Float64Array.from(logP.data.subarray(start, start + n), (value) => Math.exp(value))
        const { max, drift } = powerErrors(x, p, start, seed)
        // log p of the largest logit is −log Σ exp(x − max)
        const logSum = -Math.log(p.reduce((most, value) => Math.max(most, value), 0))
        const log = Math.max(2 ** -23, 3 * UNIT * Math.abs(logSum)) * ofRow(1, max)
        const sum = ROUNDING * Math.sqrt(n / 3) * ofRow(3, max)
        // max + log Σ as one number is rounded for the whole row
        const together = ROUNDING * Math.abs(max + logSum) * ofRow(4, max)
        for (let i = 0; i < n; i++) {
          const value = logP.data[start + i]
          if (!Number.isFinite(value)) continue
          const shift = x.data[start + i] - max
          const roundings = ROUNDING * Math.hypot(shift, value)
          const shared = drift + log + sum + together - byRow[start / n] * noiseOf(seed + 5, 0)
          out[start + i] = value - shared + roundings * noiseOf(seed + 2, value)
        }
      })
    },

    layerNorm(x, weight, y, eps) {
      return rowwise(y, (out, start, n) => {
        const row = x.data.subarray(start, start + n)
        const { mu, meanSquare, variance, shifted } = momentsOf(row, eps)
        const m = Math.min(meanSquare, 4 * variance)
        const alike = alikeInRow(x, start, n, mu, variance)
        // of one channel nothing else is left; of more, that division is in the variance alone (decision 41)
        const division = n === 1 ? DIVISION : ROUNDING
        const ofMean = c2 * (mu * mu * (alike / 3) + meanSquare / 6) + (division * mu) ** 2
        const ofVariance =
          c2 * (n / 3 + 1) * m * m +
          4 * c2 * variance * variance +
          4 * Math.min(mu * mu, 3 * variance) * Math.min(ofMean, c2 * (n / 3 + 2) * m)
        const mean = Math.sqrt(ofMean) * ofRow(1, mu)
        const relative =
          Math.sqrt(ofVariance / (4 * shifted * shifted) + (2.3 * UNIT) ** 2 + 3 * c2) * ofRow(2, variance)
        const inverse = 1 / Math.sqrt(shifted)
        for (let i = 0; i < n; i++) {
          const d = row[i] - mu
          const own = d * (relative + ROUNDING * noiseOf(seed + 3, d)) - mean
          const value = y.data[start + i]
          out[start + i] =
            value + weight.data[i] * inverse * own + ROUNDING * value * noiseOf(seed + 4, value)
        }
      })
    },
  }
}

/** Probabilities of a row that are as near to one another as this, relative, are few numbers in float32, and a division errs by its result. */
const FLAT = 1e-4

function isFlat(p: Real, start: number, n: number): boolean {
  let [least, most] = [Infinity, 0]
  for (let i = start; i < start + n; i++) {
    if (p[i] === 0) continue
    least = Math.min(least, p[i])
    most = Math.max(most, p[i])
  }
  return most - least <= FLAT * most
}

/** e^x, element by element, worked out once. */
const powersIn: (x: Tensor) => Tensor = once((x) => map(x, Math.exp))

/** The relative error of each exp(x − max) of a row, and Σ p·error, by which the sum is off. */
function powerErrors(
  x: Tensor,
  p: { readonly length: number; readonly [index: number]: number },
  start: number,
  seed: number,
): { max: number; errors: Float64Array; drift: number } {
  let max = -Infinity
  for (let i = 0; i < p.length; i++) if (p[i] !== 0) max = Math.max(max, x.data[start + i])
  const errors = new Float64Array(p.length)
  let drift = 0
  for (let i = 0; i < p.length; i++) {
    if (p[i] === 0) continue
    const shift = x.data[start + i] - max
    errors[i] = Math.hypot(2.6 * UNIT, ROUNDING * shift) * noiseOf(seed, shift)
    drift += p[i] * errors[i]
  }
  return { max, errors, drift }
}

function momentsOf(
  row: { readonly length: number; readonly [index: number]: number },
  eps: number,
): { mu: number; meanSquare: number; variance: number; shifted: number } {
  const n = row.length
  let [sum, squares, deviations] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    sum += row[i]
    squares += row[i] * row[i]
  }
  const mu = sum / n
  for (let i = 0; i < n; i++) deviations += (row[i] - mu) ** 2
  const variance = deviations / n
  return { mu, meanSquare: squares / n, variance, shifted: variance + eps }
}

function rowwise(x: Tensor, row: (out: Float64Array, start: number, n: number) => void): Tensor {
  const n = x.shape.at(-1) ?? 1
  const out = Float64Array.from(x.data)
  for (let start = 0; start < out.length; start += n) row(out, start, n)
  return tensor(out, x.shape)
}
