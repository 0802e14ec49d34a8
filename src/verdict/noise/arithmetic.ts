import type { Arithmetic } from '../../../reference/arithmetic.ts'
import type { Evaluator } from '../../../reference/evaluator.ts'
import { fullArithmetic, type FullSparse } from '../../../reference/float32/full.ts'
import { stored } from '../../../reference/float32/row-rules.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { ofMatmul } from './bilinear.ts'
import { chosen, openAt, openInTopK } from './choice.ts'
import { elementwiseNoise } from './elementwise.ts'
import { poolNoise } from './pool.ts'
import { matmulNoise, productNoise, productsNoise } from './products.ts'
import { rowwiseNoise, softmaxVariance, withDrift } from './rowwise.ts'
import { accuracyOf } from '../profile/accuracy.ts'
import type { Profile } from '../profile/profile.ts'
import { portable } from '../profile/shipped.ts'
import { scatterOf, type Scatter } from './scatter.ts'
import { exactly, magnitude, type Noisy, type NoisyKinds, type NoisyMask, type NoisySparse } from './noise.ts'

const t = fullArithmetic(Float64Array)

/** A rule that only moves elements, applied to values and variances alike. */
function both(move: (x: Tensor) => Tensor): (x: Noisy) => Noisy {
  return ({ v, s2 }) => ({ v: move(v), s2: move(s2) })
}

/** The entries of `x` at the places a mask keeps. */
function at({ data, open }: NoisyMask, x: Noisy): NoisySparse {
  return chosen(data, open, x)
}

/** What is above the limit in `size`, which is `x` or its magnitude. */
function above(limit: number, size: Noisy, x: Noisy, { kept }: FullSparse): NoisySparse {
  return chosen(kept, openAt(size, Math.fround(limit)), x)
}

function magnitudes({ v, s2 }: Noisy): Noisy {
  return { v: magnitude(v), s2 }
}

/**
 * The noise arithmetic: float64 values with the variance of legal float32 noise, rule by rule. Sparse kinds are
 * whole rows.
 */
export function noiseArithmetic(scatter: Scatter): Arithmetic<NoisyKinds> {
  const elementwise = elementwiseNoise(scatter)
  const products = productsNoise(scatter)
  return {
    shape: ({ v }) => v.shape,
    reshape: (x, shape) => both((y) => t.reshape(y, shape))(x),
    swapAxes: (x, axis, other) => both((y) => t.swapAxes(y, axis, other))(x),
    concat: (xs, axis) => ({
      v: t.concat(
        xs.map(({ v }) => v),
        axis,
      ),
      s2: t.concat(
        xs.map(({ s2 }) => s2),
        axis,
      ),
    }),
    slice: (x, axis, start, end) => both((y) => t.slice(y, axis, start, end))(x),
    windows: (x, layout) => both((y) => t.windows(y, layout))(x),

    ...elementwise,
    pool: (x, bins, reduction) => poolNoise(scatter, x, bins, reduction),
    ...products,
    ...rowwiseNoise(scatter),

    // a zero that noise may turn into something else is held
    compress: (x) => ({
      ...x,
      kept: Uint8Array.from(x.v.data, (value, i) => Number(value !== 0 || x.s2.data[i] !== 0)),
    }),
    expand: ({ v, s2 }) => ({ v, s2 }),
    threshold: (x, tau) => above(tau, x, x, t.threshold(x.v, tau)),
    thresholdMagnitude: (x, limit) => above(limit, magnitudes(x), x, t.thresholdMagnitude(x.v, limit)),
    sparseMatmul(x, y) {
      const product = productNoise(scatter, ofMatmul, x, y, x.v.shape.at(-1) ?? 1)
      return { ...product, kept: new Uint8Array(product.v.size).fill(1) }
    },
    topK(scores, budget) {
      const { shape, kept } = t.topK({ values: scores.v, kept: scores.kept }, budget)
      return { shape, data: kept, chosenBy: { scores, budget }, open: openInTopK(scores, budget) }
    },
    matmulAt: (mask, x, y) => at(mask, products.matmulTransposed(x, y)),
    sparseScale: (x, factor) => ({ ...elementwise.scale(x, factor), kept: x.kept }),
    maskedSoftmax(mask, x) {
      const { values } = t.maskedSoftmax(
        { shape: mask.shape, kept: mask.data },
        { values: x.v, kept: x.kept },
      )
      // an entry that may take part or not decides all of its row
      const taking = { ...x, ...at(mask, x) }
      const s2 = softmaxVariance(scatter, taking, values, taking.kept)
      return withDrift(x.v, { v: values, s2, kept: taking.kept })
    },
    select: (mask, x) => at(mask, x),
    sparseMatmulDense: (x, y) => matmulNoise(scatter, x, y, heldPerRow(x)),

    composite: (_name, _operands, body) => body(),
    scope: (_, body) => body(),
    expose: (_, x) => x,
    exposeSparse: (_, x) => x,
    exposeMask: (_, x) => x,
  }
}

/** The most entries a row holds: the longest sum a sparse product makes. */
function heldPerRow({ v, kept }: NoisySparse): number {
  const width = v.shape.at(-1) ?? 1
  let most = 0
  for (let start = 0; start < kept.length; start += width) {
    let held = 0
    for (let i = start; i < start + width; i++) held += kept[i]
    most = Math.max(most, held)
  }
  return most
}

/** The noise arithmetic of a profile with its boundary: what comes in from a file is exact. */
function noiseOf(profile: Profile): Evaluator<NoisyKinds> {
  return {
    name: 'noise',
    rules: noiseArithmetic(scatterOf(accuracyOf(profile))),
    dense: (x) => exactly(stored(Float64Array, x)),
    sparse: (x) => {
      const exact = exactly(stored(Float64Array, x))
      return { ...exact, kept: Uint8Array.from(exact.v.data, (value) => (value === 0 ? 0 : 1)) }
    },
    mask: (mask): NoisyMask => mask,
    readDense: ({ v }) => v,
    readSparse: ({ v }) => v,
    readMask: ({ shape, data }) => ({ shape, data }),
  }
}

/** That of the profile `portable`. */
export const noise: Evaluator<NoisyKinds> = noiseOf(portable)
