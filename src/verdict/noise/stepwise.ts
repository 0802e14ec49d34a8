import exponential from '@stdlib/math-base-special-exp'
import { sizeOf, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'
import { stepAt, stepError, type Accuracy } from '../profile/accuracy.ts'
import { formatLimits } from '../profile/profile.ts'
import { fill } from './noise.ts'

/**
 * What comes to the variance of a primitive that is written out, where each step is stored in the format of the
 * profile's results (`bounded/stepwise.ts`). V(a) = step²/12 at a, that of an error anywhere within half a step,
 * carried on to first order. Steps that a row shares, its mean or its root, are counted with each element.
 */
function storingVariance({ profile }: Accuracy): (value: number) => number {
  const { results } = profile.formats
  const { largest } = formatLimits[results]
  return (value) => {
    const size = Math.abs(value)
    if (size === 0) return 0
    return size <= largest ? stepAt(results, size) ** 2 / 12 : Infinity
  }
}

/** Just below 1: no step at 1 itself, where only what is rounded there ends. */
const BELOW_ONE: number = 1 - 2 ** -30

/**
 * Of layerNorm y = d·r·g + β: g²[r²(m + V(d)) + (d·r)²·ρ + V(d·r)] + V(d·r·g). m = V(nμ)/n² + V(μ) of the mean, n
 * rounded as well. ρ of the root, relative: a quarter of that of t = var + ε, and V(√t)/t + V(r)·t. That of var:
 * Σ[4d²V(d) + V(d²)]/n², what storing it as a mean costs, and that of the square of the mean's error, 9/5 of m².
 */
export function layerNormSteps(accuracy: Accuracy, x: Tensor, weight: Tensor, eps: number): Tensor {
  const V = storingVariance(accuracy)
  const { formats, rounding } = accuracy.profile
  const ofEps = stepError(formats.results, eps, 0, rounding) ** 2
  const n = x.shape.at(-1) ?? 1
  const stored = (mean: number): number =>
    V(n * mean) / n ** 2 + (accuracy.narrowConstant(1 / n) * mean) ** 2 + V(mean)
  return rows(x.shape, (out, start) => {
    const row = x.data.subarray(start, start + n)
    let sum = 0
    for (const value of row) sum += value
    const mean = sum / n
    let [variance, squares] = [0, 0]
    for (const value of row) {
      const d2 = (value - mean) ** 2
      variance += d2 / n
      squares += (4 * d2 * V(value - mean) + V(d2)) / n ** 2
    }
    const ofMean = finite(stored(mean))
    const t = variance + eps
    const ofT = squares + finite(stored(variance)) + 1.8 * ofMean ** 2 + ofEps + V(t)
    const r = 1 / Math.sqrt(t)
    const ofRoot = ofT / t ** 2 / 4 + V(1 / r) * r * r + V(r) / (r * r)
    for (let c = 0; c < n; c++) {
      const d = row[c] - mean
      const [normed, g] = [d * r, weight.data[c]]
      const before = r * r * (ofMean + V(d)) + normed ** 2 * ofRoot + V(normed)
      out[start + c] = g * g * before + V(normed * g)
    }
  })
}

/** A sum beyond the format's range is none that a runtime may have: its mean is stored all the same. */
function finite(variance: number): number {
  return variance < Infinity ? variance : 0
}

/**
 * Of GELU ½x(1 + E), E = erf(x/√2): (x·φ)²·[2V(x/√2) + (κ·x)²] of the argument, κ that of a rounded √½, and (½x)²·[V(E)
 * + V(1 + E)], where a product ½x·E may take the place of the last.
 */
export function geluSteps(accuracy: Accuracy, x: Tensor, v: Tensor): Tensor {
  const V = storingVariance(accuracy)
  const kappa = accuracy.narrowConstant(Math.SQRT1_2)
  return fill(x.shape, (i) => {
    const z = x.data[i]
    if (z === 0) return 0
    const density = exponential(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
    const both = (2 * v.data[i]) / z
    const erf = Math.min(Math.abs(both - 1), BELOW_ONE)
    const argument = (z * density) ** 2 * (2 * V(z * Math.SQRT1_2) + (kappa * z) ** 2)
    const half = 0.25 * z * z
    return argument + half * V(erf) + Math.max(half * V(Math.min(both, 2 * BELOW_ONE)), V(0.5 * z * erf))
  })
}

/**
 * Of softmax p = e/Σ, e = e^−a, a = max − z: w_i(1 − 2p_i)₊ + p_i²·[Σw_j + V(Σ)/Σ² + V(1/Σ)·Σ²], w = p²·(e^h − 1)²/3 +
 * V(e)/Σ², h = half a step at a. Over the entries of each row that are `kept`, all unless given. The largest, e = 1, is
 * exact.
 */
export function softmaxSteps(accuracy: Accuracy, z: Tensor, p: Tensor, kept?: Uint8Array): Tensor {
  const V = storingVariance(accuracy)
  const width = p.shape.at(-1) ?? 1
  return rows(p.shape, (out, start) => {
    const isKept = (i: number): boolean => kept === undefined || kept[i] === 1
    const { sum, moved, stored } = powersOf(V, z, start, width, isKept)
    if (sum === 0) return
    const own = (i: number): number => p.data[i] ** 2 * moved[i - start] + stored[i - start]
    let mixed = V(sum) / (sum * sum) + V(1 / sum) * sum * sum
    for (let i = start; i < start + width; i++) if (isKept(i)) mixed += own(i)
    for (let i = start; i < start + width; i++) {
      if (isKept(i)) out[i] = own(i) * Math.max(0, 1 - 2 * p.data[i]) + p.data[i] ** 2 * mixed
    }
  })
}

/**
 * Of log-softmax v = x − log Σe^x, x = z − max: V(x) and Σw_j, w as in {@link softmaxSteps}; the sum and its logarithm
 * are rounded there already (`results.ts`).
 */
export function logSoftmaxSteps(accuracy: Accuracy, z: Tensor, logP: Tensor): Tensor {
  const V = storingVariance(accuracy)
  const width = logP.shape.at(-1) ?? 1
  return rows(logP.shape, (out, start) => {
    const { moved, stored, max } = powersOf(V, z, start, width, () => true)
    let mixed = 0
    for (let at = 0; at < width; at++) mixed += Math.exp(2 * logP.data[start + at]) * moved[at] + stored[at]
    for (let i = start; i < start + width; i++) out[i] = V(max - z.data[i]) + mixed
  })
}

interface Powers {
  readonly max: number
  /** Σe^(z − max). */
  readonly sum: number
  /** Relative variance of e^x by that of x stored: x is off by half a step at most, and e^x by what that comes to. */
  readonly moved: Float64Array
  /** V(e)/Σ², no more than all of e. */
  readonly stored: Float64Array
}

function powersOf(
  V: (value: number) => number,
  z: Tensor,
  start: number,
  width: number,
  isKept: (i: number) => boolean,
): Powers {
  let max = -Infinity
  for (let i = start; i < start + width; i++) if (isKept(i)) max = Math.max(max, z.data[i])
  const [moved, stored] = [new Float64Array(width), new Float64Array(width)]
  let sum = 0
  for (let at = 0; at < width; at++) {
    const a = max - z.data[start + at]
    if (!isKept(start + at)) continue
    const power = Math.exp(-a)
    sum += power
    // so far below the largest that e^h is beyond float64, e^−a is 0 in spite of it
    if (a === 0 || power === 0) continue
    moved[at] = Math.expm1(Math.sqrt(3 * V(a))) ** 2 / 3
    stored[at] = Math.min(V(power), power ** 2)
  }
  return { max, sum, moved, stored: stored.map((variance) => variance / (sum * sum)) }
}

function rows(shape: Shape, row: (out: Float64Array, start: number) => void): Tensor {
  const out = new Float64Array(sizeOf(shape))
  const width = shape.at(-1) ?? 1
  for (let start = 0; start < out.length; start += width) row(out, start)
  return tensor(out, shape)
}
