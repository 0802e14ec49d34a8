import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { map } from './elements.ts'
import { jitter, jittered, mix, noiseOf } from './jitter.ts'
import { sumDrift } from '../noise/drift.ts'
import { squared } from '../noise/noise.ts'
import { noisyRows } from './noisy-rows.ts'
import type { Alter } from './tape.ts'
import type { Rules } from './traced.ts'
import { alikeIn } from '../noise/order.ts'
import { stagnation } from '../noise/scatter.ts'
import { ROUNDING, UNIT } from './units.ts'

const t = fullArithmetic(Float64Array)

/** The error of an approximation of erf, a curve that all elements of one evaluation share. */
interface Curve {
  /** sign(x)·2^{−22.5}·cos(frequency·|x| + phase): the error of an approximation of erf, 2⁻²¹ at the most being declared. */
  readonly erfFrequency: number
  readonly erfPhase: number
}

/**
 * `noisy64`: float64 with the local rounding noise of legal float32 runtimes added at every primitive (the variances are those
 * of the error model, without what is inherited), and a curve of erf. One draw of it is one legal runtime as far as
 * first order goes, but for what `leanings.ts` allows it besides; what it gives differs from truth the way honest runtimes do,
 * correlations and all.
 * @param seed one per draw
 * @param squares Σ(terms²) of each sum of products, by call; filled by the first draw, shared by the others
 */
export function noisy64(seed: number, squares: Map<number, Tensor>): Alter {
  const common = (what: number): number => noiseOf(mix(seed, -1 - what), 1)
  const curve: Curve = {
    erfFrequency: 2 + 1.2 * common(3),
    erfPhase: common(4) * Math.PI,
  }
  return (call, usual) => noisyRules(usual, mix(seed, call.index), call.index, squares, curve)
}

/** @param usual truth's rules, which know what truth's own operands give */
function noisyRules(
  usual: Rules,
  seed: number,
  index: number,
  squares: Map<number, Tensor>,
  curve: Curve,
): Rules {
  const rounded = (v: Tensor, c = ROUNDING): Tensor => jitter(v, seed, (i) => c * Math.abs(v.data[i]))
  const squaresOf = (compute: () => Tensor): Tensor => {
    const known = squares.get(index) ?? compute()
    squares.set(index, known)
    return known
  }
  const product = (v: Tensor, n: number, Q: () => Tensor, alike?: (index: number) => number): Tensor =>
    summed(v, seed, n, squaresOf(Q), true, alike)
  const multiplied = (x: Tensor, y: Tensor, n = x.shape.at(-1) ?? 1): Tensor =>
    product(usual.matmul(x, y), n, () => t.matmul(squared(x), squared(y)), alikeIn(x, y, n))
  const scaled = (x: Tensor, factor: number): Tensor => {
    const v = t.scale(x, factor)
    if (Number.isInteger(Math.log2(Math.abs(factor)))) return v
    return rounded(v)
  }
  const reduced = (x: Tensor, v: Tensor, divisor: number): Tensor => {
    const n = x.size / v.size
    const total = t.scale(v, divisor)
    const Q = t.scale(t.mean(squared(x), v.shape.length === 0 ? 'all' : 'last'), n)
    const { byRow } = sumDrift(x, n)
    // where terms are alike, all sums drift one way
    const drift = noiseOf(seed + 5, 0)
    const drifting = map(summed(total, seed, n, Q, false), (y, i) => y + byRow[i] * drift)
    const sum = t.scale(drifting, 1 / divisor)
    return divisor === 1 ? sum : rounded(sum)
  }
  const rows = noisyRows(seed)

  return {
    ...t,
    add: (x, y) => rounded(t.add(x, y)),
    subtract: (x, y) => rounded(t.subtract(x, y)),
    multiply: (x, y) => rounded(t.multiply(x, y)),
    weigh: (w, x) => rounded(t.weigh(w, x)),
    scale: scaled,
    exp: (x) => rounded(usual.exp(x), 2.6 * UNIT),
    gelu(x) {
      const v = usual.gelu(x)
      const { erfFrequency, erfPhase } = curve
      const bent = map(v, (y, i) => {
        const z = Math.abs(x.data[i])
        return y + 0.5 * z * 2 ** -22.5 * Math.cos(erfFrequency * z + erfPhase)
      })
      // anything within what erf is allowed, 2⁻²¹, uniform
      const ofErf = 2 ** -21 / Math.sqrt(3)
      return jitter(bent, seed, (i) => Math.hypot(2 * ROUNDING * bent.data[i], 0.5 * x.data[i] * ofErf))
    },
    sum: (x, over) => reduced(x, t.sum(x, over), 1),
    mean: (x, over) => reduced(x, t.mean(x, over), over === 'all' ? x.size : (x.shape.at(-1) ?? 1)),
    pool: (x, bins, reduction) => {
      const v = t.pool(x, bins, reduction)
      return reduction === 'max' ? v : rounded(v, ROUNDING * Math.sqrt(bins.rows.length))
    },

    matmul: (x, y) => multiplied(x, y),
    matmulTransposed: (x, y) =>
      product(usual.matmulTransposed(x, y), x.shape.at(-1) ?? 1, () =>
        t.matmulTransposed(squared(x), squared(y)),
      ),
    linear: (x, weight, bias) =>
      product(usual.linear(x, weight, bias), (x.shape.at(-1) ?? 1) + 1, () =>
        t.linear(squared(x), squared(weight), bias === undefined ? undefined : squared(bias)),
      ),
    convolve: (x, weight, bias, groups) =>
      product(usual.convolve(x, weight, bias, groups), weight.size / weight.shape[0] + 1, () =>
        t.convolve(squared(x), squared(weight), bias === undefined ? undefined : squared(bias), groups),
      ),

    softmax: (x) => rows.softmax(x, usual.softmax(x)),
    logSoftmax: (x) => rows.logSoftmax(x, usual.logSoftmax(x)),
    layerNorm: (x, weight, bias, eps) =>
      rows.layerNorm(x, weight, usual.layerNorm(x, weight, bias, eps), eps),

    sparseMatmul: (x, y) => {
      const values = multiplied(x.values, y.values)
      return { values, kept: new Uint8Array(values.size).fill(1) }
    },
    matmulAt: (mask, x, y) =>
      t.select(
        mask,
        product(t.matmulTransposed(x, y), x.shape.at(-1) ?? 1, () =>
          t.matmulTransposed(squared(x), squared(y)),
        ),
      ),
    sparseScale: ({ values, kept }, factor) => ({ values: scaled(values, factor), kept }),
    maskedSoftmax: (mask, x) => {
      const { values, kept } = t.maskedSoftmax(mask, x)
      return { values: rows.softmax(x.values, values), kept }
    },
    sparseMatmulDense: (x, y) => multiplied(x.values, y),
  }
}

/** A sum of n terms, S = v, Q = Σt²: c²[n(S²/3 + Q/6) + S²], `alike` for n where terms are, c²Q where they are products, and what long sums lose. */
function summed(
  v: Tensor,
  seed: number,
  n: number,
  Q: Tensor,
  products: boolean,
  alike: (index: number) => number = () => n,
): Tensor {
  const own = products ? 1 : 0
  const lost = stagnation(n, UNIT) / ROUNDING
  const [values, squares] = [v.data, Q.data]
  const out = new Float64Array(values.length)
  // not by `jitter`: sums are most of what a draw is made of
  for (let i = 0; i < out.length; i++) {
    const S = values[i]
    const S2 = S * S
    const sd =
      ROUNDING * Math.sqrt(alike(i) * (S2 / 3 + squares[i] / 6) + (1 + lost * lost) * S2 + own * squares[i])
    out[i] = jittered(S, seed, sd)
  }
  return tensor(out, v.shape)
}
