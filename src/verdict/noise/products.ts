import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { alikeRows } from './alike.ts'
import { flushing, type Bilinear } from './flushing.ts'
import { formatVariance, LARGEST } from '../profile/accuracy.ts'
import { deviation, fill, squared, type Noisy, type NoisyKinds } from './noise.ts'
import { isZero } from './once.ts'
import type { Scatter } from './scatter.ts'

const t = fullArithmetic(Float64Array)

/**
 * Noise of a sum of n products: s_x²·y² + x²·s_y² carried along by the same sum, and that of summing, in which
 * Q = Σ x²y². The share of Q is folded into the first of the two sums: (s_x² + κ·x²)·y², which is one product less.
 */
export function productNoise(
  scatter: Scatter,
  multiply: Bilinear,
  left: Noisy,
  right: Noisy,
  n: number,
  bias?: Noisy,
  alike?: (index: number) => number,
): Noisy {
  const [x, y] = [asInput(scatter, left), asInput(scatter, right)]
  const S = multiply(x.v, y.v)
  const v = bias === undefined ? S : t.add(S, bias.v)
  const terms = bias === undefined ? n : n + 1
  const kappa = scatter.ofSquares(terms)
  const [squares, others] = [squared(x.v), squared(y.v)]
  const fromX = multiply(weighed(x.s2, squares, kappa), others)
  const fromY = isZero(y.s2) ? undefined : multiply(squares, y.s2)
  // a part that all of a row of x have in common adds up
  const together = left.rowShared === true ? multiply(deviation(x.s2), y.v) : undefined
  const flushed = flushing(multiply, x.v, y.v, n)
  let exactly: Tensor | undefined
  const Q = (i: number): number => (exactly ??= multiply(squares, others)).data[i]
  const s2 = new Float64Array(v.size)
  const width = bias?.v.size ?? v.size
  for (let i = 0; i < s2.length; i++) {
    const b = bias === undefined ? 0 : bias.v.data[i % width]
    const ofBias = bias === undefined ? 0 : bias.s2.data[i % width]
    const carried =
      fromX.data[i] + (together?.data[i] ?? 0) ** 2 + (fromY === undefined ? 0 : fromY.data[i]) + ofBias
    // Q is at most fromX/κ
    const overflows =
      !(terms * (fromX.data[i] / kappa + b * b) <= LARGEST ** 2) && !(terms * (Q(i) + b * b) <= LARGEST ** 2)
    const equal = alike === undefined ? terms : alike(i)
    const more = equal > terms ? (scatter.ofSquares(equal) - kappa) * Q(i) : 0
    s2[i] = overflows
      ? Infinity
      : carried + more + scatter.sum(terms, v.data[i], b * b, true, equal) + flushed(i) ** 2
  }
  return { v, s2: tensor(s2, v.shape) }
}

/** s² + κ·x². */
function weighed({ data, shape }: Tensor, squares: Tensor, kappa: number): Tensor {
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = data[i] + kappa * squares.data[i]
  return tensor(out, shape)
}

/** A factor of a product, rounded to the format that the profile gives it. */
function asInput({ productInput }: Scatter, x: Noisy): Noisy {
  if (productInput === 'float32') return x
  return {
    v: x.v,
    s2: fill(x.v.shape, (i) => x.s2.data[i] + formatVariance(productInput, x.v.data[i])),
  }
}

/** `x y`, of which equal rows of y make equal terms. */
export function matmulNoise(scatter: Scatter, x: Noisy, y: Noisy, n: number = x.v.shape.at(-1) ?? 1): Noisy {
  const groups = alikeRows(y.v)
  const perMatrix = (x.v.shape.at(-2) ?? 1) * (y.v.shape.at(-1) ?? 1)
  // beyond n where rows of y are equal; below it where a sparse x holds fewer
  const alike = (i: number): number => Math.max(n, groups[Math.floor(i / perMatrix) % groups.length])
  return productNoise(scatter, (a, b) => t.matmul(a, b), x, y, n, undefined, alike)
}

type Rules = Pick<Arithmetic<NoisyKinds>, 'matmul' | 'matmulTransposed' | 'linear' | 'convolve'>

/** Sums of products of the noise arithmetic. */
export function productsNoise(scatter: Scatter): Rules {
  const product = (multiply: Bilinear, x: Noisy, y: Noisy, n: number, bias?: Noisy): Noisy =>
    productNoise(scatter, multiply, x, y, n, bias)
  return {
    matmul: (x, y) => matmulNoise(scatter, x, y),
    matmulTransposed: (x, y) => product((a, b) => t.matmulTransposed(a, b), x, y, x.v.shape.at(-1) ?? 1),
    linear: (x, weight, bias) => product((a, b) => t.linear(a, b), x, weight, x.v.shape.at(-1) ?? 1, bias),
    convolve(x, weight, bias, groups) {
      const [, perGroup, kh, kw] = weight.v.shape
      return product((a, b) => t.convolve(a, b, undefined, groups), x, weight, perGroup * kh * kw, bias)
    },
  }
}
