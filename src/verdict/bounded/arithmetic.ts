import type { Arithmetic } from '../../../reference/arithmetic.ts'
import type { Evaluator } from '../../../reference/evaluator.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { stored } from '../../../reference/float32/row-rules.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { noiseArithmetic } from '../noise/arithmetic.ts'
import { ofConvolution, ofLinear, ofMatmul, ofMatmulTransposed, type Bilinear } from '../noise/bilinear.ts'
import { fill, type Noisy } from '../noise/noise.ts'
import { softmaxVariance } from '../noise/rowwise.ts'
import { scatterOf } from '../noise/scatter.ts'
import { accuracyOf, stepError } from '../profile/accuracy.ts'
import type { Profile } from '../profile/profile.ts'
import {
  chooser,
  known,
  type Bounded,
  type BoundedKinds,
  type BoundedMask,
  type BoundedSparse,
  type Traits,
} from './bounded.ts'
import { choiceAt, choiceInTopK, choiceOf, chosen, magnitudes, type Choice } from './choice.ts'
import { elementwiseBounds } from './elementwise.ts'
import { asOperand } from './flushed.ts'
import { layerNormBounds } from './layer-norm.ts'
import { mostPerRow, productBounds } from './products.ts'
import { logSoftmaxBounds, poolBounds, reductionBounds } from './reductions.ts'
import { heldIn, roundingResults } from './results.ts'
import { softmaxNoise } from './softmax-noise.ts'
import { asWeights, softmaxBounds } from './softmax.ts'
import { writtenOut } from './stepwise.ts'

const t = fullArithmetic(Float64Array)

/** A rule that only moves elements, applied to values, bounds and variances alike. */
function moved(move: (x: Tensor) => Tensor): (x: Bounded) => Bounded {
  return ({ v, b, s2, traits, ...parts }) => ({
    v: move(v),
    b: move(b),
    s2: move(s2),
    ...withTraits(traits),
    ...sharing(parts),
  })
}

type Shared = Pick<Noisy, 'rowShared' | 'allShared'>

function sharing({ rowShared, allShared }: Shared): Shared {
  return {
    ...(rowShared === undefined ? {} : { rowShared }),
    ...(allShared === undefined ? {} : { allShared }),
  }
}

function withTraits(traits: Traits | undefined): { readonly traits?: Traits } {
  return traits === undefined ? {} : { traits }
}

/**
 * The arithmetic of the verdict: float64 values with a bound and a variance of what a legal float32 runtime may hold, rule by
 * rule. The variances are those of the noise arithmetic. Sparse kinds are whole rows.
 */
function boundedArithmetic(profile: Profile, looksAtOrder: boolean): Arithmetic<BoundedKinds> {
  const accuracy = accuracyOf(profile)
  const scatter = scatterOf(accuracy, looksAtOrder)
  const noise = noiseArithmetic(scatter)
  const divided = accuracy.divide / 4
  // of the sum that all of a row share: its exponentials, and its logarithm
  const inLogarithm = (accuracy.exp(2) + profile.functions.log.ulp * 2 ** -23) / 4
  // ½x·erf of x beyond 1, where GELU is nearly x
  const inErf = accuracy.erf / 2 / 4
  const bounds = elementwiseBounds(accuracy)
  const bounded = ({ v, s2, ...parts }: Noisy, b: Tensor, traits?: Traits): Bounded => ({
    v,
    b,
    s2,
    ...sharing(parts),
    ...withTraits(traits),
  })
  /** What the operands share, and `own` besides. */
  const shared = (own: number, ...operands: readonly (Bounded | undefined)[]): Traits => ({
    coherent: own + operands.reduce((sum, x) => sum + (x?.traits?.coherent ?? 0), 0),
  })

  const product = (
    multiply: Bilinear,
    values: Noisy,
    x: Bounded,
    y: Bounded,
    n: number,
    bias?: Bounded,
  ): Bounded => ({
    ...values,
    ...productBounds(accuracy, multiply, values.v, x, y, n, bias),
    traits: shared(0, x, y),
  })
  const asSoftmax = softmaxNoise(profile, scatter, divided)
  const widthOf = ({ v }: Bounded): number => v.shape.at(-1) ?? 1
  const matmulTransposed = (x: Bounded, y: Bounded): Bounded =>
    product(ofMatmulTransposed, noise.matmulTransposed(x, y), x, y, widthOf(x))
  const scale = (x: Bounded, factor: number): Bounded => {
    const values = noise.scale(x, factor)
    return bounded(values, bounds.scale(values.v, x, factor), shared(accuracy.constant / 4, x))
  }
  /** What coefficients are compared with, and how far off it may be as a constant of the runtime. */
  const limitOf = (tau: number): readonly [limit: number, spread: number] => {
    const limit = Math.fround(tau)
    return [limit, stepError(profile.formats.results, limit, 0, profile.rounding)]
  }
  /** The entries of `x` at the places a mask keeps. */
  const at = ({ data, ambiguous, open }: BoundedMask, x: Bounded): BoundedSparse => {
    const choice = choiceOf(data, ambiguous, open)
    const held = chosen(choice, x)
    // rows of a softmax that lost entries no longer sum to one
    const traits = shared(0, x)
    const { folded } = x
    if (folded === undefined) return { ...held, traits, ...sharing(x) }
    const scaled = (k: number): Bounded => ({ v: t.scale(x.v, k), b: folded(k), s2: x.s2 })
    return { ...held, traits, folded: (k) => chosen(choice, scaled(k)).b }
  }

  const inFloat32: Arithmetic<BoundedKinds> = {
    shape: ({ v }) => v.shape,
    reshape: (x, shape) => moved((y) => t.reshape(y, shape))(x),
    swapAxes: (x, axis, other) => moved((y) => t.swapAxes(y, axis, other))(x),
    concat(xs, axis) {
      const joined = (part: (x: Bounded) => Tensor): Tensor => t.concat(xs.map(part), axis)
      const coherent = Math.max(...xs.map(({ traits }) => traits?.coherent ?? 0))
      return {
        v: joined(({ v }) => v),
        b: joined(({ b }) => b),
        s2: joined(({ s2 }) => s2),
        traits: { coherent },
      }
    },
    slice: (x, axis, start, end) => moved((y) => t.slice(y, axis, start, end))(x),
    windows: (x, layout) => moved((y) => t.windows(y, layout))(x),

    add(x, y) {
      const values = noise.add(x, y)
      return bounded(values, bounds.add(values.v, x, y), shared(0, x, y))
    },
    subtract(x, y) {
      const values = noise.subtract(x, y)
      return bounded(values, bounds.subtract(values.v, x, y), shared(0, x, y))
    },
    multiply(x, y) {
      const values = noise.multiply(x, y)
      return bounded(values, bounds.multiply(values.v, x, y), shared(0, x, y))
    },
    weigh(w, x) {
      const values = noise.weigh(w, x)
      return bounded(values, bounds.weigh(values.v, w, x), shared(0, w, x))
    },
    scale,
    exp(x) {
      const values = noise.exp(x)
      // an exp that is high by all it may be is so in proportion to its argument
      const typical = Math.max(4, rootMeanSquare(x.v))
      return bounded(values, bounds.exp(values.v, x), shared(accuracy.exp(typical) / 2.5, x))
    },
    gelu(x) {
      const values = noise.gelu(x)
      return bounded(values, bounds.gelu(values.v, x), { ...shared(inErf, x), kind: 'gelu' })
    },
    sum: (x, over) => bounded(noise.sum(x, over), reductionBounds(accuracy, x, over, false), shared(0, x)),
    mean: (x, over) =>
      bounded(noise.mean(x, over), reductionBounds(accuracy, x, over, true), shared(divided, x)),
    pool(x, bins, reduction) {
      const values = noise.pool(x, bins, reduction)
      return bounded(
        values,
        poolBounds(accuracy, values.v, x, bins, reduction),
        shared(reduction === 'mean' ? divided : 0, x),
      )
    },

    matmul: (x, y) => product(ofMatmul, noise.matmul(x, y), asWeights(accuracy, x), y, widthOf(x)),
    matmulTransposed,
    linear: (x, weight, bias) =>
      product(ofLinear, noise.linear(x, weight, bias), x, weight, widthOf(x), bias),
    convolve(x, weight, bias, groups) {
      const [, perGroup, kh, kw] = weight.v.shape
      const values = noise.convolve(x, weight, bias, groups)
      return product(ofConvolution(groups), values, x, weight, perGroup * kh * kw, bias)
    },

    softmax(x) {
      const { v: p, s2 } = noise.softmax(x)
      return asSoftmax(x, { v: p, b: softmaxBounds(accuracy, x, p), s2 })
    },
    logSoftmax(x) {
      const values = noise.logSoftmax(x)
      return bounded(values, logSoftmaxBounds(accuracy, x, values.v), shared(inLogarithm, x))
    },
    layerNorm(x, weight, bias, eps) {
      const values = noise.layerNorm(x, weight, bias, eps)
      return bounded(values, layerNormBounds(accuracy, x, weight, bias, eps, values.v), {
        coherent: accuracy.inverseSqrt / 4,
      })
    },

    // a zero that rounding may turn into something else is held
    compress: (x) => ({
      ...x,
      kept: Uint8Array.from(x.v.data, (value, i) => Number(value !== 0 || x.b.data[i] !== 0)),
    }),
    expand: ({ v, b, s2, traits, ...parts }) => ({ v, b, s2, ...withTraits(traits), ...sharing(parts) }),
    threshold(x, tau) {
      const { kept } = t.threshold(x.v, tau)
      const [limit, spread] = limitOf(tau)
      const choice = choiceAt(chooser(x), limit, kept, accuracy.flush, spread)
      // rows that lost entries no longer sum to one
      return { ...chosen(choice, x), traits: shared(0, x) }
    },
    thresholdMagnitude(x, limit) {
      const { kept } = t.thresholdMagnitude(x.v, limit)
      const [compared, spread] = limitOf(limit)
      const choice = choiceAt(magnitudes(chooser(x)), compared, kept, accuracy.flush, spread)
      // rows that lost entries no longer sum to one
      return { ...chosen(choice, x), traits: shared(0, x) }
    },
    sparseMatmul(x, y) {
      const values = noise.sparseMatmul(x, y)
      return { ...product(ofMatmul, values, x, y, mostPerRow(x)), kept: values.kept }
    },
    topK(scores, budget) {
      const { shape, kept } = t.topK({ values: scores.v, kept: scores.kept }, budget)
      const exact = chooser(scores)
      const compared = { ...exact, b: asOperand(exact, accuracy.flush) }
      const { ambiguous, open } = choiceInTopK(compared, budget, kept)
      return { shape, data: kept, chosenBy: { scores: compared, budget }, ambiguous, open }
    },
    matmulAt: (mask, x, y) => at(mask, matmulTransposed(x, y)),
    sparseScale: (x, factor) => ({ ...scale(x, factor), kept: x.kept }),
    maskedSoftmax(mask, x) {
      const { values: p } = t.maskedSoftmax(
        { shape: mask.shape, kept: mask.data },
        { values: x.v, kept: x.kept },
      )
      const choice: Choice = choiceOf(mask.data, mask.ambiguous, mask.open)
      const kept = choice.kept.map((byte, i) => byte | choice.ambiguous[i])
      const b = softmaxBounds(accuracy, x, p, { kept, ambiguous: choice.ambiguous })
      // an entry that may take part or not decides all of its row
      const taking = { v: x.v, s2: fill(p.shape, (i) => (choice.open[i] === 1 ? Infinity : x.s2.data[i])) }
      const s2 = softmaxVariance(scatter, taking, p, kept)
      return { ...asSoftmax(x, { v: p, b, s2 }), kept }
    },
    select: (mask, x) => at(mask, x),
    sparseMatmulDense(x, y) {
      const values = noise.sparseMatmulDense(x, y)
      return product(ofMatmul, values, asWeights(accuracy, x), y, mostPerRow(x))
    },

    composite: (_name, _operands, body) => body(),
    scope: (_, body) => body(),
    expose: (_, x) => x,
    exposeSparse: (_, x) => x,
    exposeMask: (_, x) => x,
  }
  return roundingResults(writtenOut(inFloat32, profile), profile)
}

/**
 * The bounded arithmetic of a profile with its boundary: what comes in from a file is known exactly, but for its rounding to the
 * profile's format of results.
 * @param looksAtOrder whether variances are those of sums whose terms have an order, and something in common
 */
export function boundedOf(profile: Profile, looksAtOrder: boolean = false): Evaluator<BoundedKinds> {
  return {
    name: 'bounded',
    rules: boundedArithmetic(profile, looksAtOrder),
    dense: (x) => heldIn(profile, known(stored(Float64Array, x))),
    sparse: (x) => {
      const exact = heldIn(profile, known(stored(Float64Array, x)))
      return { ...exact, kept: Uint8Array.from(exact.v.data, (value) => (value === 0 ? 0 : 1)) }
    },
    mask: (mask): BoundedMask => mask,
    readDense: ({ v }) => v,
    readSparse: ({ v }) => v,
    readMask: ({ shape, data }) => ({ shape, data }),
  }
}

/** Of what is finite. */
function rootMeanSquare({ data }: Tensor): number {
  let [squares, count] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) continue
    squares += data[i] ** 2
    count++
  }
  return Math.sqrt(squares / Math.max(1, count))
}
