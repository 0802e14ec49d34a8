import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import { alikeInColumns } from './alike.ts'
import { ofConvolution, ofLinear, ofMatmul, ofMatmulTransposed, type Bilinear } from './bilinear.ts'
import { flushing } from './flushing.ts'
import { formatVariance, LARGEST } from '../profile/accuracy.ts'
import { deviation, fill, squared, type Noisy, type NoisyKinds } from './noise.ts'
import { isZero } from './once.ts'
import { varianceOfSum, type Scatter } from './scatter.ts'

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
  order?: Order,
): Noisy {
  const [x, y] = [asInput(scatter, left), asInput(scatter, right)]
  const v = multiply.plain(x.v, y.v, bias?.v)
  const terms = bias === undefined ? n : n + 1
  const kappa = scatter.ofSquares(terms)
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

/** What the order of terms and what they have in common make of a sum's roundings. */
interface Order {
  /** How many terms an element has as far as rounding goes: more where they are alike. */
  readonly alike: (index: number) => number
  /** The mean square of an element's partial sums, in the order that terms have; undefined where nobody looked. */
  readonly partial: Real | undefined
}

/** How many times what it is as a rule the mean square of partial sums must be to be counted: below it that is chance, and roundings are 1.7 times as large at most. */
const UNUSUAL = 3

/** What partial sums have more than in any order of exchangeable terms, where their mean square is S²/3 + Q/6; Q is not known, but at most this. */
function beyondUsual(partial: number, S: number, Q: number): number {
  return Math.max(0, partial - UNUSUAL * ((S * S) / 3 + Q / 6))
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
      const far = partial === undefined ? 0 : beyondUsual(partial[i], sums[i], fromX[i] / kappa)
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

/** `x y`, of which nearly equal values in a column of y make equal terms. */
export function matmulNoise(scatter: Scatter, x: Noisy, y: Noisy, n: number = x.v.shape.at(-1) ?? 1): Noisy {
  return productNoise(scatter, ofMatmul, x, y, n, undefined, {
    alike: alikeIn(x.v, y.v, n),
    partial: partialSquares(x.v, y.v),
  })
}

/** Parts that a sum is cut into to see how far it goes on its way. */
const PARTS = 8

/**
 * The mean square of the partial sums of every element of `x y`, after each of eight parts of its terms: tokens come in the order of the image, and those of a sky before those of
 * the ground, whose sum may be far from 0 where they cancel in the end.
 */
function partialSquares(x: Tensor, y: Tensor): Real | undefined {
  const n = x.shape.at(-1) ?? 1
  // of few terms that may as well be chance
  if (n < 2 * PARTS) return undefined
  const edges = Array.from({ length: PARTS + 1 }, (_, part) => Math.round((part * n) / PARTS))
  const parts = edges
    .slice(1)
    .map((end, part) => t.matmul(t.slice(x, -1, edges[part], end), t.slice(y, -2, edges[part], end)).data)
  const [total, squares] = [new Float64Array(parts[0].length), new Float64Array(parts[0].length)]
  for (const part of parts) {
    for (let i = 0; i < total.length; i++) {
      total[i] += part[i]
      squares[i] += (total[i] * total[i]) / PARTS
    }
  }
  return squares
}

/** Of each element of a product `x y`, how many terms it has as far as rounding goes. */
export function alikeIn(x: Tensor, y: Tensor, n: number): (index: number) => number {
  const groups = alikeInColumns(y)
  const columns = y.shape.at(-1) ?? 1
  const perMatrix = (x.shape.at(-2) ?? 1) * columns
  // beyond n where values are alike; below it where a sparse x holds fewer
  return (i) => {
    const column = Math.floor(i / perMatrix) * columns + (i % columns)
    return Math.max(n, groups[column % groups.length])
  }
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
