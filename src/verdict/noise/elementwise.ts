import exponential from '@stdlib/math-base-special-exp'
import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { alikeValues } from './alike.ts'
import { LARGEST } from '../profile/accuracy.ts'
import { deviation, fill, squared, type Noisy, type NoisyKinds } from './noise.ts'
import { sumDrift } from './drift.ts'
import { farOff } from './order.ts'
import { varianceOfSum, type Scatter } from './scatter.ts'

const t = fullArithmetic(Float64Array)

type Rules = Pick<
  Arithmetic<NoisyKinds>,
  'add' | 'subtract' | 'multiply' | 'weigh' | 'scale' | 'exp' | 'gelu' | 'sum' | 'mean'
>

/** What is added to `inherited` where a value is rounded once more: (c·v)²; infinite where it overflows. */
function rounded(v: Tensor, inherited: Tensor, c: number): Noisy {
  const own = (x: number): number => (Math.abs(x) <= LARGEST ? (c * x) ** 2 : Infinity)
  const [values, variances] = [v.data, inherited.data]
  const s2 = new Float64Array(values.length)
  for (let i = 0; i < s2.length; i++) s2[i] = variances[i] + own(values[i])
  return { v, s2: tensor(s2, v.shape) }
}

/** The variance of a product: y²s_x² + x²s_y², and four times x²s² where both factors are one tensor. */
function productVariance(x: Noisy, y: Noisy): Tensor {
  if (x === y) return t.scale(t.multiply(squared(x.v), x.s2), 4)
  return t.add(t.multiply(x.s2, squared(y.v)), t.multiply(squared(x.v), y.s2))
}

/** Element-by-element rules and reductions of the noise arithmetic. */
export function elementwiseNoise(scatter: Scatter): Rules {
  const { c } = scatter
  return {
    add: (x, y) => rounded(t.add(x.v, y.v), t.add(x.s2, y.s2), c),
    subtract: (x, y) => sharing(rounded(t.subtract(x.v, y.v), t.add(x.s2, y.s2), c), x, y),
    multiply: (x, y) => sharing(rounded(t.multiply(x.v, y.v), productVariance(x, y), c), x, y),
    weigh(w, x) {
      const v = t.weigh(w.v, x.v)
      // where the weight is 0, x may be infinite: its noise has no say
      const inherited = fill(v.shape, (i) =>
        w.v.data[i] === 0 && w.s2.data[i] === 0
          ? 0
          : w.s2.data[i] * x.v.data[i] ** 2 + w.v.data[i] ** 2 * x.s2.data[i],
      )
      return sharing(rounded(v, inherited, c), w, x)
    },
    // the factor is rounded too
    scale: (x, factor) => sharing(rounded(t.scale(x.v, factor), t.scale(x.s2, factor ** 2), 1.5 * c), x),
    exp(x) {
      const v = t.exp(x.v)
      const own = (i: number): number => scatter.exp(Math.abs(x.v.data[i]))
      return { v, s2: fill(v.shape, (i) => v.data[i] ** 2 * (x.s2.data[i] + own(i) ** 2)) }
    },
    gelu(x) {
      const v = t.gelu(x.v)
      const [values, points, variances] = [v.data, x.v.data, x.s2.data]
      const s2 = new Float64Array(values.length)
      for (let i = 0; i < s2.length; i++) {
        const z = points[i]
        const density = exponential(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
        const slope = (z === 0 ? 0.5 : values[i] / z) + z * density
        s2[i] = slope ** 2 * variances[i] + (0.5 * z * scatter.erf) ** 2 + (2 * c * values[i]) ** 2
      }
      return { v, s2: tensor(s2, v.shape) }
    },
    sum: (x, over) => reduce(scatter, x, over, 1),
    mean: (x, over) => reduce(scatter, x, over, over === 'all' ? x.v.size : (x.v.shape.at(-1) ?? 1)),
  }
}

/** The same, of operands whose rows share an error. */
function sharing(result: Noisy, ...operands: readonly Noisy[]): Noisy {
  const some = (what: 'rowShared' | 'allShared'): boolean => operands.some((x) => x[what] === true)
  return {
    ...result,
    ...(some('rowShared') ? { rowShared: true } : {}),
    ...(some('allShared') ? { allShared: true } : {}),
  }
}

function reduce(scatter: Scatter, x: Noisy, over: 'last' | 'all', divisor: number): Noisy {
  const total = t.sum(x.v, over)
  const squares = t.sum(squared(x.v), over)
  const inherited = x.rowShared === true ? squared(t.sum(deviation(x.s2), over)) : t.sum(x.s2, over)
  const n = x.v.size / total.size
  const v = t.scale(total, 1 / divisor)
  const division = divisor === 1 ? 0 : scatter.divide ** 2
  const terms = scatter.sum(n, false)
  const { c } = scatter
  const { byRow, isTogether } = sumDrift(x.v, n)
  return {
    v,
    ...(x.allShared === true || isTogether ? { rowShared: true, allShared: true } : {}),
    s2: fill(v.shape, (i) => {
      const [S, Q] = [total.data[i], squares.data[i]]
      const own = varianceOfSum(terms, S, Q, alikeValues(x.v, i * n, n)) + byRow[i] ** 2
      const far = n * c * c * farOff(x.v.data, i * n, n, S, Q)
      const sum = inherited.data[i] + own + far
      return sum / divisor ** 2 + division * v.data[i] ** 2
    }),
  }
}
