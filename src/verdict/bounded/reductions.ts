import type { Bins } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { fill, magnitude } from '../noise/noise.ts'
import { LARGEST, SMALLEST_NORMAL, type Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'
import { exponentsOf, logFactor } from './exponents.ts'
import { asOperand, resultBound } from './flushed.ts'

const t = fullArithmetic(Float64Array)

/**
 * A sum of n terms in any order, each of which meets at most n − 1 roundings: Σb + γ_(n−1)·Σ(|x| + b). Terms and partial sums that
 * are flushed cost less than F each, and at most n of them matter: what is added to 0 is not flushed anew. A mean divides the sum, or
 * every term before, and every quotient may be flushed. Infinite where Σ(|x| + b) may overflow.
 */
function summed(
  { gamma, divide, flush }: Accuracy,
  n: number,
  inherited: number,
  magnitudes: number,
  isMean: boolean,
): number {
  const total = magnitudes + inherited
  if (total === 0) return 0
  const relative = isMean ? compose(gamma(n - 1), divide) : gamma(n - 1)
  const bound = inherited + relative * total
  if (!(magnitudes + bound <= LARGEST)) return Infinity
  return isMean ? bound / n + n * (flush + divide * SMALLEST_NORMAL) : bound + n * flush
}

/**
 * Bounds of a sum or a mean over the last axis or everything: mean or sum of the terms' own, and γ_(n − 1) of Σ(|x| + B),
 * besides a division for a mean (`summed`). x `[.., n]`; bounds `[..]`, or `[]` over everything.
 */
export function reductionBounds(
  accuracy: Accuracy,
  x: Bounded,
  over: 'last' | 'all',
  isMean: boolean,
): Tensor {
  const inherited = t.sum(x.b, over)
  const magnitudes = t.sum(magnitude(x.v), over)
  const n = x.v.size / inherited.size
  return fill(inherited.shape, (i) => summed(accuracy, n, inherited.data[i], magnitudes.data[i], isMean))
}

/**
 * Bounds of pooling. A mean over n places is the mean of any n terms. The largest found lies between the largest lower and the largest
 * upper end of the bin's elements, of which the upper is the farther: it is no nearer than that of the largest element.
 * x `[.., H, W, C]`; v and the bounds `[.., rows, columns, C]`.
 */
export function poolBounds(
  accuracy: Accuracy,
  v: Tensor,
  x: Bounded,
  bins: Bins,
  reduction: 'mean' | 'max',
): Tensor {
  if (reduction === 'max') {
    const bounds = asOperand(x, accuracy.flush)
    return t.subtract(t.pool(t.add(x.v, bounds), bins, 'max'), v)
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
    return summed(accuracy, n, n * inherited.data[i], n * magnitudes.data[i], true)
  })
}

/**
 * Bounds of log-softmax v_i = z_i − max − L, L = log Σe^(z − max): with the subtractions in another order, z_i − (max +
 * L), or not shifted, z_i − log Σe^z; the sum plain or online. Any maximum taken off cancels. Exponentials are right up
 * to factors e^±(B + η) (`exponents.ts`), of which ẑ_i itself has e^±B_i too, so that before the logarithm is taken and
 * anything subtracted v_i is too small by at most B_i + log(p_i·e^(−B_i + η_i) + Σ_(j≠i) p_j·e^(B_j + η_j)), and too
 * large by no more, since Σpw·Σp/w ≥ 1. To that come the n − 1 additions and the rescalings' products. Then come the
 * logarithm's error and two roundings: of z_i − max or of max + L, and of v_i. z, logP and the bounds `[.., n]`.
 */
export function logSoftmaxBounds(accuracy: Accuracy, z: Bounded, logP: Tensor): Tensor {
  return rowByRow(accuracy, z, logP, logSoftmaxRow)
}

/** The bounds of a row of log-softmax: of its logits, what these are off as operands, and truth. */
type RowBounds = (
  accuracy: Accuracy,
  z: Float64Array,
  bounds: Float64Array,
  logP: Float64Array,
) => Float64Array

/** Bounds of log-softmax, `[.., n]`, from those of each row. */
export function rowByRow(accuracy: Accuracy, z: Bounded, logP: Tensor, boundsOf: RowBounds): Tensor {
  const inherited = asOperand(z, accuracy.flush)
  const out = new Float64Array(logP.size)
  const n = logP.shape.at(-1) ?? 1
  for (let start = 0; start < out.length; start += n) {
    const row = (x: Tensor): Float64Array => Float64Array.from(x.data.subarray(start, start + n))
    out.set(boundsOf(accuracy, row(z.v), row(inherited), row(logP)), start)
  }
  return tensor(out, logP.shape)
}

function logSoftmaxRow(
  accuracy: Accuracy,
  z: Float64Array,
  bounds: Float64Array,
  logP: Float64Array,
): Float64Array {
  const { u, flush, profile } = accuracy
  const n = z.length
  const exponents = exponentsOf(accuracy, z, bounds)
  const { max, lowest, highest, unshifted, argument, inherited, rescaled, finite } = exponents
  const up = logP.map((value, i) => Math.exp(value + inherited[i] + rescaled[i]))
  const sumUp = up.reduce((sum, value) => sum + value, 0)
  const summing = logFactor(accuracy.gamma(n - 1 + profile.rewrites.onlineRescales))
  const spread = Math.log(sumUp) + summing
  return logP.map((value, i) => {
    if (!finite) return Infinity
    const [B, eta] = [inherited[i], rescaled[i]]
    const below = B + Math.log(Math.max(0, sumUp - up[i]) + Math.exp(value - B + eta))
    const L = z[i] - max - value
    const log = Math.max(
      logErrorNear(accuracy, L, spread + highest - lowest),
      unshifted ? logErrorNear(accuracy, max + L, spread) : 0,
    )
    const carried = below + summing + log
    const first = u * Math.max(argument[i], Math.abs(max + L) + spread + log)
    return resultBound(Math.abs(value), carried + first, u, flush)
  })
}

/** The largest error of a log at e^L, known up to the factor e^±spread. */
export function logErrorNear(accuracy: Accuracy, L: number, spread: number): number {
  const at = (x: number): number => accuracy.log(Math.exp(Math.max(-700, Math.min(700, x))))
  const meetsOne = L - spread <= Math.LN2 && L + spread >= -Math.LN2
  return Math.max(at(L - spread), at(L + spread), meetsOne ? accuracy.log(1) : 0)
}
