import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { GROSS_DEVIATIONS } from '../noise/choice.ts'
import { fill } from '../noise/noise.ts'
import { accuracyOf, stepAt, stepError } from '../profile/accuracy.ts'
import { formatLimits, type Format, type Profile } from '../profile/profile.ts'
import type { Bounded, BoundedKinds } from './bounded.ts'

/**
 * x as a runtime holds it that rounds to the format of the profile's results, or does not. To the bound comes the largest error of rounding
 * anything within it (`stepError`), to the variance step²/12, that of an error anywhere within half a step; of what is known, the square of
 * the one error that there can be. Infinite where the format may overflow.
 */
export function heldIn<B extends Bounded>({ formats: { results }, rounding }: Profile, x: B): B {
  if (results === 'float32') return x
  const { v, b, s2 } = x
  const error = fill(v.shape, (i) => stepError(results, v.data[i], b.data[i], rounding))
  if (error.data.every((own) => own === 0)) return x
  return {
    ...x,
    b: plus(b, (i) => error.data[i]),
    s2: plus(s2, (i) => (b.data[i] === 0 ? error.data[i] ** 2 : varianceAt(results, v.data[i], s2.data[i]))),
  }
}

function varianceAt(format: Format, v: number, s2: number): number {
  const size = Math.abs(v)
  if (!(size + GROSS_DEVIATIONS * Math.sqrt(s2) <= formatLimits[format].largest)) return Infinity
  return stepAt(format, size) ** 2 / 12
}

/**
 * The rules of a runtime that rounds the result of every operation to the format of the profile's results: of all that
 * computes, and of nothing that only moves or chooses. What one rule does may be two operations, with a rounding
 * between: a product and the sum with its bias, a sum and the division that makes it a mean, and in a log-softmax the
 * sum of exponentials, its logarithm and the rest, as in PyTorch on a CPU.
 */
export function roundingResults(rules: Arithmetic<BoundedKinds>, profile: Profile): Arithmetic<BoundedKinds> {
  const { results: format } = profile.formats
  if (format === 'float32') return rules
  const { unit, step } = formatLimits[format]
  const { narrowConstant } = accuracyOf(profile)
  const rounded =
    <Operands extends readonly unknown[], B extends Bounded>(rule: (...operands: Operands) => B) =>
    (...operands: Operands): B =>
      heldIn(profile, rule(...operands))
  /** Of a product, rounded before the bias is added. */
  const beforeBias = (x: Bounded, bias: Bounded | undefined): Bounded => {
    if (bias === undefined) return x
    const [width, { v, b }] = [bias.v.size, x]
    const product = (i: number): number => v.data[i] - bias.v.data[i % width]
    const within = (i: number): number => b.data[i] + bias.b.data[i % width]
    return {
      ...x,
      b: plus(b, (i) => stepError(format, product(i), within(i), profile.rounding)),
      s2: plus(x.s2, (i) => varianceAt(format, product(i), x.s2.data[i])),
    }
  }
  /** Of a sum, rounded before it is divided: relative, since its size is not that of the mean. */
  const beforeDivision = (x: Bounded): Bounded => {
    const times = profile.rounding === 'nearest' ? 1 : 2
    return {
      ...x,
      b: plus(x.b, (i) => {
        const size = Math.abs(x.v.data[i]) + x.b.data[i]
        return size === 0 ? 0 : times * Math.max(unit * size, step / 2)
      }),
      s2: plus(x.s2, (i) => ((unit / 2) * x.v.data[i]) ** 2),
    }
  }
  /** Times a constant, which is off in the same way everywhere. */
  const byConstant = <B extends Bounded>(x: B, factor: number): B => ({
    ...x,
    s2: plus(x.s2, (i) => (narrowConstant(Math.abs(factor)) * x.v.data[i]) ** 2),
  })
  return {
    ...rules,
    add: rounded(rules.add),
    subtract: rounded(rules.subtract),
    multiply: rounded(rules.multiply),
    weigh: rounded(rules.weigh),
    scale: rounded((x, factor) => byConstant(rules.scale(x, factor), factor)),
    exp: rounded(rules.exp),
    gelu: rounded(rules.gelu),
    sum: rounded(rules.sum),
    mean: rounded((x, over) => beforeDivision(rules.mean(x, over))),
    // the largest of rounded numbers is one of them
    pool: (x, bins, reduction) => {
      const pooled = rules.pool(x, bins, reduction)
      return reduction === 'max' ? pooled : heldIn(profile, beforeDivision(pooled))
    },
    matmul: rounded(rules.matmul),
    matmulTransposed: rounded(rules.matmulTransposed),
    linear: rounded((x, weight, bias) => beforeBias(rules.linear(x, weight, bias), bias)),
    convolve: rounded((x, weight, bias, groups) => beforeBias(rules.convolve(x, weight, bias, groups), bias)),
    softmax: rounded(rules.softmax),
    logSoftmax: rounded((x) => withNarrowSum(profile, rules.logSoftmax(x))),
    layerNorm: rounded(rules.layerNorm),
    sparseMatmul: rounded(rules.sparseMatmul),
    matmulAt: rounded(rules.matmulAt),
    sparseScale: rounded((x, factor) => byConstant(rules.sparseScale(x, factor), factor)),
    maskedSoftmax: rounded(rules.maskedSoftmax),
    sparseMatmulDense: rounded(rules.sparseMatmulDense),
  }
}

function plus(x: Tensor, more: (index: number) => number): Tensor {
  return fill(x.shape, (i) => x.data[i] + more(i))
}

/**
 * Log-softmax v_i = z_i − max − L whose sum e^L is rounded to the format, and L = −max v as well: off by log(1 + unit)
 * and half the format's step at L, the same for all of a row.
 */
function withNarrowSum({ formats: { results }, rounding }: Profile, x: Bounded): Bounded {
  const { unit, largest } = formatLimits[results]
  const n = x.v.shape.at(-1) ?? 1
  const [b, s2] = [new Float64Array(x.v.size), new Float64Array(x.v.size)]
  for (let start = 0; start < b.length; start += n) {
    let [L, within] = [Infinity, 0]
    for (let i = start; i < start + n; i++) {
      L = Math.min(L, Math.abs(x.v.data[i]))
      within = Math.max(within, x.b.data[i])
    }
    const most = Math.exp(L + within) <= largest ? (rounding === 'nearest' ? unit : 2 * unit) : 1
    const ofSum = -Math.log1p(-most)
    const own = ofSum + stepError(results, L, within + ofSum, rounding)
    const variance = (unit / 2) ** 2 + varianceAt(results, L, 0)
    for (let i = start; i < start + n; i++) {
      b[i] = x.b.data[i] + own
      s2[i] = x.s2.data[i] + variance
    }
  }
  return { ...x, b: tensor(b, x.v.shape), s2: tensor(s2, x.s2.shape) }
}
