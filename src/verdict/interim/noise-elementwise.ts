import exponential from '@stdlib/math-base-special-exp'
import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { alikeValues } from './noise-alike.ts'
import { fill, LARGEST, ROUNDING, squared, sumNoise, UNIT, type Noisy, type NoisyKinds } from './noise.ts'

const t = fullArithmetic(Float64Array)

/** Standard deviation of a legal erf's error, 2⁻²¹ at the worst. */
const ERF = 2 ** -23

type Rules = Pick<
  Arithmetic<NoisyKinds>,
  'add' | 'subtract' | 'multiply' | 'weigh' | 'scale' | 'exp' | 'gelu' | 'sum' | 'mean'
>

/** A value rounded once more: (c·v)² on top of what it inherits; infinite where it overflows. */
function rounded(v: Tensor, inherited: Tensor, c = ROUNDING): Noisy {
  const own = (x: number): number => (Math.abs(x) <= LARGEST ? (c * x) ** 2 : Infinity)
  return { v, s2: fill(v.shape, (i) => inherited.data[i] + own(v.data[i])) }
}

/** The variance of a product: y²s_x² + x²s_y², and four times x²s² where both factors are one tensor. */
function productVariance(x: Noisy, y: Noisy): Tensor {
  if (x === y) return t.scale(t.multiply(squared(x.v), x.s2), 4)
  return t.add(t.multiply(x.s2, squared(y.v)), t.multiply(squared(x.v), y.s2))
}

/** Element-by-element rules and reductions of the noise arithmetic. */
export const elementwiseNoise: Rules = {
  add: (x, y) => rounded(t.add(x.v, y.v), t.add(x.s2, y.s2)),
  subtract: (x, y) => rounded(t.subtract(x.v, y.v), t.add(x.s2, y.s2)),
  multiply: (x, y) => rounded(t.multiply(x.v, y.v), productVariance(x, y)),
  weigh(w, x) {
    const v = t.weigh(w.v, x.v)
    // where the weight is 0, x may be infinite: its noise has no say
    const inherited = fill(v.shape, (i) =>
      w.v.data[i] === 0 && w.s2.data[i] === 0
        ? 0
        : w.s2.data[i] * x.v.data[i] ** 2 + w.v.data[i] ** 2 * x.s2.data[i],
    )
    return rounded(v, inherited)
  },
  scale(x, factor) {
    const v = t.scale(x.v, factor)
    // the factor is rounded too, unless it is a power of two
    const own = Number.isInteger(Math.log2(Math.abs(factor))) ? 0 : 1.5 * ROUNDING
    return rounded(v, t.scale(x.s2, factor ** 2), own)
  },
  exp(x) {
    const v = t.exp(x.v)
    return { v, s2: fill(v.shape, (i) => v.data[i] ** 2 * (x.s2.data[i] + expNoise(x.v.data[i]) ** 2)) }
  },
  gelu(x) {
    const v = t.gelu(x.v)
    return {
      v,
      s2: fill(v.shape, (i) => {
        const z = x.v.data[i]
        const density = exponential(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
        const slope = (z === 0 ? 0.5 : v.data[i] / z) + z * density
        return slope ** 2 * x.s2.data[i] + (0.5 * z * ERF) ** 2 + (2 * ROUNDING * v.data[i]) ** 2
      }),
    }
  },
  sum: (x, over) => reduce(x, over, 1),
  mean: (x, over) => reduce(x, over, over === 'all' ? x.v.size : (x.v.shape.at(-1) ?? 1)),
}

/** κ: standard deviation of the relative error of exp(x), (3 + 2|x|) ULP at the worst. */
export function expNoise(x: number): number {
  return 0.85 * UNIT * (3 + 2 * Math.abs(x))
}

function reduce(x: Noisy, over: 'last' | 'all', divisor: number): Noisy {
  const total = t.sum(x.v, over)
  const squares = t.sum(squared(x.v), over)
  const inherited = t.sum(x.s2, over)
  const n = x.v.size / total.size
  const v = t.scale(total, 1 / divisor)
  const division = divisor === 1 ? 0 : ROUNDING ** 2
  return {
    v,
    s2: fill(v.shape, (i) => {
      const sum =
        inherited.data[i] + sumNoise(n, total.data[i], squares.data[i], false, alikeValues(x.v, i * n, n))
      return sum / divisor ** 2 + division * v.data[i] ** 2
    }),
  }
}
