import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import { ofConvolution, ofLinear, ofMatmul, ofMatmulTransposed, type Bilinear } from './bilinear.ts'
import { flushing } from './flushing.ts'
import { formatVariance, LARGEST } from '../profile/accuracy.ts'
import { deviation, fill, squared, type Noisy, type NoisyKinds } from './noise.ts'
import { isZero } from './once.ts'
import { beyondUsual, suspectedOrder, usualOrder, type Order } from './order.ts'
import { varianceOfSum, type Scatter } from './scatter.ts'

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
  usual?: Order,
): Noisy {
  const [x, y] = [asInput(scatter, left), asInput(scatter, right)]
  const v = multiply.plain(x.v, y.v, bias?.v)
  const terms = bias === undefined ? n : n + 1
  const kappa = scatter.ofSquares(terms)
  const order = scatter.looksAtOrder ? suspectedOrder(multiply, x.v, y.v, n) : usual
  let exactly: Tensor | undefined
  const s2 = variances(scatter, terms, {
    sums: v.data,
    fromX: multiply.withSquares(weighed(x, kappa), y.v).data,
    fromY: isZero(y.s2) ? undefined : multiply.plain(squared(x.v), y.s2).data,
    // a part that all of a row of x have in common adds up
    together: left.rowShared === true ? multiply.plain(deviation(x.s2), y.v).data : undefined,
    bias,
    flushed: flushing(multiply, x.v, y.v, n),
    order,
    Q: (i) => (exactly ??= multiply.withSquares(squared(x.v), y.v)).data[i],
  })
  return { v, s2: tensor(s2, v.shape) }
}

/** What the noise of sums of products is made of, element by element; of the bias, along a row. */
interface Parts {
  readonly sums: Real
  readonly fromX: Real
  readonly fromY: Real | undefined
  readonly together: Real | undefined
  readonly bias: Noisy | undefined
  readonly flushed: ((index: number) => number) | undefined
  readonly order: Order | undefined
  readonly Q: (index: number) => number
}

function variances(
  scatter: Scatter,
  terms: number,
  { sums, fromX, fromY, together, bias, flushed, order, Q }: Parts,
): Float64Array {
  const kappa = scatter.ofSquares(terms)
  const summation = scatter.sum(terms, true)
  const partial = order?.partial
  const [biases, ofBiases] = [bias?.v.data, bias?.s2.data]
  const s2 = new Float64Array(sums.length)
  const width = biases?.length ?? s2.length
  for (let start = 0; start < s2.length; start += width) {
    for (let j = 0; j < width; j++) {
      const i = start + j
      const b = biases === undefined ? 0 : biases[j]
      const ofBias = ofBiases === undefined ? 0 : ofBiases[j]
      const shared = together === undefined ? 0 : together[i]
      const carried = fromX[i] + shared ** 2 + (fromY === undefined ? 0 : fromY[i]) + ofBias
      // Q is at most fromX/κ
      const overflows =
        !(terms * (fromX[i] / kappa + b * b) <= LARGEST ** 2) && !(terms * (Q(i) + b * b) <= LARGEST ** 2)
      const equal = order === undefined ? terms : order.alike(i)
      const more = equal > terms ? (scatter.ofSquares(equal) - kappa) * Q(i) : 0
      const far =
        partial === undefined
          ? 0
          : beyondUsual(partial[i], sums[i], scatter.looksAtOrder ? Q(i) : fromX[i] / kappa, order?.unusual)
      const lost = flushed === undefined ? 0 : flushed(i)
      const own = varianceOfSum(summation, sums[i], b * b, equal)
      s2[i] = overflows ? Infinity : carried + more + own + terms * scatter.c ** 2 * far + lost ** 2
    }
  }
  return s2
}

/** s² + κ·x². */
function weighed({ v: { data, shape }, s2 }: Noisy, kappa: number): Tensor {
  const inherited = s2.data
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = inherited[i] + kappa * (data[i] * data[i])
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

/** `x y`, whose terms may be alike, and come in an order that takes their sums far off. */
export function matmulNoise(scatter: Scatter, x: Noisy, y: Noisy, n: number = x.v.shape.at(-1) ?? 1): Noisy {
  return productNoise(
    scatter,
    ofMatmul,
    x,
    y,
    n,
    undefined,
    scatter.looksAtOrder ? undefined : usualOrder(x.v, y.v, n),
  )
}

type Rules = Pick<Arithmetic<NoisyKinds>, 'matmul' | 'matmulTransposed' | 'linear' | 'convolve'>

/** Sums of products of the noise arithmetic. */
export function productsNoise(scatter: Scatter): Rules {
  const widthOf = ({ v }: Noisy): number => v.shape.at(-1) ?? 1
  return {
    matmul: (x, y) => matmulNoise(scatter, x, y),
    matmulTransposed: (x, y) => productNoise(scatter, ofMatmulTransposed, x, y, widthOf(x)),
    linear: (x, weight, bias) => productNoise(scatter, ofLinear, x, weight, widthOf(x), bias),
    convolve(x, weight, bias, groups) {
      const [, perGroup, kh, kw] = weight.v.shape
      return productNoise(scatter, ofConvolution(groups), x, weight, perGroup * kh * kw, bias)
    },
  }
}
