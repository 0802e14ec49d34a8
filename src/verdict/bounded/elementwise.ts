import exponential from '@stdlib/math-base-special-exp'
import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { fill, magnitude } from '../noise/noise.ts'
import type { Accuracy } from '../profile/accuracy.ts'
import { compose, type Bounded } from './bounded.ts'
import { asOperand, resultBound } from './flushed.ts'

const t = fullArithmetic(Float64Array)

/** The bounds of what a rule gives, beside its values. */
type Rule<Name extends keyof Arithmetic<BoundedOperands>> = (
  v: Tensor,
  ...operands: Parameters<Arithmetic<BoundedOperands>[Name]>
) => Tensor

interface BoundedOperands {
  readonly Dense: Bounded
  readonly Sparse: never
  readonly Mask: never
}

type Rules = { readonly [Name in 'add' | 'subtract' | 'multiply' | 'weigh' | 'exp' | 'gelu']: Rule<Name> } & {
  readonly scale: (v: Tensor, x: Bounded, factor: number) => Tensor
}

/** Half of 2φ(0) = 0.798, the largest |f″| of f = x·Φ(x). */
const HALF_CURVATURE = 0.39895
/** The largest |f′|, at x = √2. */
const STEEPEST = 1.12891
/** The largest x²φ(x), at x = √2. */
const WIDEST = 0.29353

/**
 * Bounds of the element-by-element rules: of one operation on operands anywhere within their own bounds B. Operands and results
 * may be taken as 0 where subnormal (`flushed.ts`).
 */
export function elementwiseBounds(accuracy: Accuracy): Rules {
  const { u, flush } = accuracy
  const { foldedScale } = accuracy.profile.rewrites
  const operand = (x: Bounded): Tensor => asOperand(x, flush)
  /** B + u·(|v| + B). */
  const rounded = ({ data, shape }: Tensor, { data: inherited }: Tensor): Tensor => {
    const out = new Float64Array(data.length)
    for (let i = 0; i < out.length; i++) out[i] = resultBound(Math.abs(data[i]), inherited[i], u, flush)
    return tensor(out, shape)
  }
  const sum = (v: Tensor, x: Bounded, y: Bounded): Tensor => rounded(v, t.add(operand(x), operand(y)))

  return {
    // (B_x + B_y)(1 + u) + u|v|
    add: sum,
    subtract: sum,

    // |x|B_y + B_x(|y| + B_y), then one rounding
    multiply(v, x, y) {
      const [fromX, fromY] = [operand(x), operand(y)]
      const largest = t.add(magnitude(y.v), fromY)
      return rounded(v, t.add(t.multiply(magnitude(x.v), fromY), t.multiply(fromX, largest)))
    },

    // a product; but a weight that is surely 0 gives exactly 0, whatever it weighs
    weigh(v, w, x) {
      const [fromW, fromX] = [operand(w), operand(x)]
      return fill(v.shape, (i) => {
        const weight = Math.abs(w.v.data[i])
        const bound = fromW.data[i]
        if (weight === 0 && bound === 0) return 0
        const inherited = weight * fromX.data[i] + bound * (Math.abs(x.v.data[i]) + fromX.data[i])
        return resultBound(Math.abs(v.data[i]), inherited, u, flush)
      })
    },

    // |k|B_x, the factor's own error ∘ one rounding; or what the product that x is gives with its factors scaled first
    scale(v, x, factor) {
      const k = Math.abs(factor)
      const values = v.data
      const inherited = operand(x).data
      const error = compose(accuracy.constant, u, accuracy.narrowConstant(k))
      const folded = foldedScale ? x.folded?.(k).data : undefined
      const out = new Float64Array(values.length)
      for (let i = 0; i < out.length; i++) {
        const direct = resultBound(Math.abs(values[i]), k * inherited[i], error, flush)
        out[i] = folded === undefined ? direct : Math.max(direct, folded[i])
      }
      return tensor(out, v.shape)
    },

    // e^(x ± B) = v·e^±B, and exp's own error at |x| + B
    exp(v, x) {
      const inherited = operand(x)
      return fill(v.shape, (i) => {
        const z = x.v.data[i]
        const bound = inherited.data[i]
        // never 0, though float64 may say so
        const value = v.data[i] === 0 ? Number.MIN_VALUE : v.data[i]
        const spread = bound < 1 ? value * Math.expm1(bound) : Math.exp(z + bound) - value
        return resultBound(value, spread, accuracy.exp(Math.abs(z) + bound), accuracy.expFlush)
      })
    },

    /*
     * f = x·Φ(x) = ½x(1 + erf(x/√2)). What B does: at most |f′|B + ½·max|f″|·B², nor more than max|f′|·B. What is computed: erf
     * within its error, and 4u for the last sum, products and difference of Abramowitz–Stegun 7.1.26, which in float32 is up to 3.9u
     * further off than 2⁻²¹ with WGSL's exp (measured); its argument within η: 1/√2 rounded and a product, or √2 rounded and a
     * division, which moves f by x²φ(x)·η, φ taken within η; a sum and a product, 2u|f|, and one more u·½|x| where ½x + ½x·erf is
     * summed instead.
     */
    gelu(v, x) {
      const [values, points, inherited] = [v.data, x.v.data, operand(x).data]
      const twice = compose(u, u)
      const eta = Math.max(twice, compose(accuracy.divide, u))
      const widest = WIDEST / (1 - eta) ** 2
      const out = new Float64Array(values.length)
      for (let i = 0; i < out.length; i++) {
        const z = points[i]
        const bound = inherited[i]
        const value = Math.abs(values[i])
        const carried = carriedByGelu(z, values[i], bound)
        const largest = Math.abs(z) + bound
        const nearest = Math.max(0, Math.abs(z) - bound) * (1 - eta)
        const argument = eta * Math.min(largest * largest * density(nearest), widest)
        const own = 0.5 * largest * (accuracy.erf + 5 * u) + argument
        out[i] = resultBound(value, carried + own * (1 + twice), twice, flush)
      }
      return tensor(out, v.shape)
    },
  }
}

/** What a bound B of x does to GELU's f = x·Φ(x): at most |f′|B + ½·max|f″|·B², nor more than max|f′|·B. */
export function carriedByGelu(x: number, f: number, bound: number): number {
  const slope = Math.abs((x === 0 ? 0.5 : f / x) + x * density(x))
  return Math.min(slope * bound + HALF_CURVATURE * bound * bound, STEEPEST * bound)
}

/** φ(z). */
export function density(z: number): number {
  return exponential(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
}
