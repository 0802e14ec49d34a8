import type { Bins } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { fill } from '../noise/noise.ts'
import { LARGEST, type Accuracy } from '../profile/accuracy.ts'
import { compose, magnitude, type Bounded } from './bounded.ts'

const t = fullArithmetic(Float64Array)

/**
 * A sum of n terms in any order: Σb + γ_(n−1)·Σ(|x| + b), n partial results flushed; then, for a mean, one division.
 * Infinite where Σ(|x| + b) may overflow.
 */
function summed(
  { gamma, divide, flush }: Accuracy,
  n: number,
  inherited: number,
  magnitudes: number,
  divisor: number,
): number {
  const total = magnitudes + inherited
  const rounding = gamma(Math.max(0, n - 1))
  if (!(total * (1 + rounding) <= LARGEST)) return Infinity
  const sum = inherited + rounding * total + n * flush
  if (divisor === 1) return sum
  return (sum * (1 + divide) + divide * total) / divisor + flush
}

/** Bounds of a sum or a mean over the last axis or everything. */
export function reductionBounds(
  accuracy: Accuracy,
  x: Bounded,
  over: 'last' | 'all',
  isMean: boolean,
): Tensor {
  const inherited = t.sum(x.b, over)
  const magnitudes = t.sum(magnitude(x.v), over)
  const n = x.v.size / inherited.size
  const divisor = isMean ? n : 1
  return fill(inherited.shape, (i) => summed(accuracy, n, inherited.data[i], magnitudes.data[i], divisor))
}

/**
 * Bounds of pooling. A mean over n places is the mean of any n terms. Of the largest: it lies between the largest lower and the
 * largest upper end of the bin's elements, whichever of them a runtime takes.
 */
export function poolBounds(
  accuracy: Accuracy,
  v: Tensor,
  x: Bounded,
  bins: Bins,
  reduction: 'mean' | 'max',
): Tensor {
  if (reduction === 'max') {
    const low = t.pool(
      fill(x.v.shape, (i) => x.v.data[i] - x.b.data[i]),
      bins,
      'max',
    )
    const high = t.pool(
      fill(x.v.shape, (i) => x.v.data[i] + x.b.data[i]),
      bins,
      'max',
    )
    return fill(v.shape, (i) => Math.max(high.data[i] - v.data[i], v.data[i] - low.data[i]))
  }
  const inherited = t.pool(x.b, bins, 'mean')
  const magnitudes = t.pool(magnitude(x.v), bins, 'mean')
  const C = v.shape.at(-1) ?? 1
  const perBatch = bins.rows.length * bins.columns.length
  return fill(v.shape, (i) => {
    const bin = Math.floor(i / C) % perBatch
    const [top, bottom] = bins.rows[Math.floor(bin / bins.columns.length)]
    const [left, right] = bins.columns[bin % bins.columns.length]
    const n = (bottom - top) * (right - left)
    return summed(accuracy, n, n * inherited.data[i], n * magnitudes.data[i], n)
  })
}

/**
 * Bounds of log-softmax z − max − log Σe^(z − max), or with the subtractions in another order. The maximum taken off need not be
 * the largest: it cancels. See `softmax.ts` for δ.
 */
export function logSoftmaxBounds(accuracy: Accuracy, { v: z, b }: Bounded, logP: Tensor): Tensor {
  const { u, gamma, flush } = accuracy
  const out = new Float64Array(z.size)
  const n = z.shape.at(-1) ?? 1
  for (let start = 0; start < z.size; start += n) {
    let max = -Infinity
    for (let i = start; i < start + n; i++) max = Math.max(max, z.data[i])
    let [grown, shrunk, finite] = [0, 0, true]
    for (let i = start; i < start + n; i++) {
      const x = z.data[i] - max
      const delta = b.data[i] + u * Math.abs(x) + Math.log1p(accuracy.exp(Math.abs(x) + b.data[i]))
      finite &&= delta < Infinity
      grown += Math.exp(logP.data[i] + delta)
      shrunk += Math.exp(logP.data[i] - delta)
    }
    // log of (Σ found)/(Σ true), both ends, summing included
    const sum = gamma(n) + n * flush
    const inLog = Math.max(Math.log(grown), -Math.log(shrunk)) + Math.log1p(sum / Math.max(1e-3, 1 - sum))
    for (let i = start; i < start + n; i++) {
      const x = z.data[i] - max
      const logSum = x - logP.data[i]
      const log = inLog + logErrorNear(accuracy, Math.exp(logSum), inLog)
      // what the subtractions add to what they are given
      const inherited = compose(u, u) * (b.data[i] + log)
      const roundings =
        u * (Math.abs(x) + Math.abs(logP.data[i]) + Math.abs(max) + Math.abs(logSum) + Math.abs(z.data[i]))
      out[i] = finite ? b.data[i] + log + inherited + roundings + flush : Infinity
    }
  }
  return fill(z.shape, (i) => out[i])
}

/** The largest error of a log near `y`, which is known up to the factor e^±spread. */
function logErrorNear(accuracy: Accuracy, y: number, spread: number): number {
  const [low, high] = [y * Math.exp(-Math.min(spread, 300)), y * Math.exp(Math.min(spread, 300))]
  const meetsOne = low <= 2 && high >= 0.5
  return Math.max(accuracy.log(low), accuracy.log(high), meetsOne ? accuracy.log(1) : 0)
}
