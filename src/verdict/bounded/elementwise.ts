import exponential from '@stdlib/math-base-special-exp'
import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { fill } from '../noise/noise.ts'
import { LARGEST, type Accuracy } from '../profile/accuracy.ts'
import { compose, magnitude, type Bounded } from './bounded.ts'

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

/** Half of 2φ(0) = 0.798, the largest second derivative of x·Φ(x). */
const HALF_CURVATURE = 0.4
/** The largest x²φ(x), at x = √2. */
const STEEPEST = 0.2936

/**
 * Bounds of the element-by-element rules. û = u of the profile, F what flushing may cost. Every rule's formula is that of one
 * operation on operands that may be anywhere within their own bounds.
 */
export function elementwiseBounds(accuracy: Accuracy): Rules {
  const { u, flush } = accuracy

  /** inherited + u·(|v| + inherited) + F; infinite where the result may overflow. */
  const rounded = (v: Tensor, inherited: Tensor): Tensor =>
    fill(v.shape, (i) => {
      const [value, before] = [Math.abs(v.data[i]), inherited.data[i]]
      const bound = before + u * (value + before) + flush
      return value + bound <= LARGEST ? bound : Infinity
    })
  const sum = (v: Tensor, x: Bounded, y: Bounded): Tensor => rounded(v, t.add(x.b, y.b))

  return {
    // (b₁ + b₂)(1 + u) + u|v|
    add: sum,
    subtract: sum,

    // |x|b_y + |y|b_x + b_x·b_y, then one rounding
    multiply: (v, x, y) =>
      rounded(v, t.add(t.multiply(magnitude(x.v), y.b), t.multiply(x.b, t.add(magnitude(y.v), y.b)))),

    // a weight that is surely 0 gives exactly 0, whatever it weighs
    weigh(v, w, x) {
      const inherited = fill(v.shape, (i) => {
        const [weight, bound] = [Math.abs(w.v.data[i]), w.b.data[i]]
        if (weight === 0 && bound === 0) return 0
        return weight * x.b.data[i] + bound * (Math.abs(x.v.data[i]) + x.b.data[i])
      })
      const bounds = rounded(v, inherited)
      return fill(v.shape, (i) => (w.v.data[i] === 0 && w.b.data[i] === 0 ? 0 : bounds.data[i]))
    },

    /*
     * The factor k is off by `constant`, the product is rounded once. Folded into the factors of a sum of products, or split
     * over both, each term is rounded up to twice more: of the terms, not of their sum.
     */
    scale(v, x, factor) {
      const k = Math.abs(factor)
      const relative = compose(accuracy.constant, u, u)
      const { foldedScale } = accuracy.profile.rewrites
      return fill(v.shape, (i) => {
        const value = Math.abs(v.data[i])
        const inherited = k * x.b.data[i]
        const folded = foldedScale && x.terms !== undefined ? k * x.terms.data[i] : value
        const own = relative * value + compose(u, u) * (1 + relative) * folded
        const bound = inherited * (1 + compose(relative, u, u)) + own + flush
        return value + bound <= LARGEST ? bound : Infinity
      })
    },

    // e^(x ± b) within exp's own error
    exp: (v, x) =>
      fill(v.shape, (i) => {
        const [value, bound] = [v.data[i], x.b.data[i]]
        const own = accuracy.exp(Math.abs(x.v.data[i]) + bound)
        const out = value * compose(Math.expm1(bound), own) + flush
        return value + out <= LARGEST ? out : Infinity
      }),

    /*
     * f = x·Φ(x): |f'|b + 0.4b², then ½|x|·(erf's error), the argument x/√2 rounded (a constant and one product or division, which
     * moves f by x²φ(x) a unit), and the three products and the sum around erf.
     */
    gelu: (v, x) =>
      fill(v.shape, (i) => {
        const [z, bound] = [x.v.data[i], x.b.data[i]]
        const density = exponential(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
        const slope = Math.abs((z === 0 ? 0.5 : v.data[i] / z) + z * density)
        const largest = Math.abs(z) + bound
        const nearest = Math.max(0, Math.abs(z) - bound)
        const steepest = (largest * largest * exponential(-0.5 * nearest * nearest)) / Math.sqrt(2 * Math.PI)
        const argument = Math.max(2 * u, accuracy.divide + u) * Math.min(steepest, STEEPEST)
        const inherited = slope * bound + HALF_CURVATURE * bound * bound
        const own = 0.5 * largest * (accuracy.erf + 2 * u) + 4 * u * (Math.abs(v.data[i]) + inherited)
        const out = inherited + own + argument + flush
        return Math.abs(v.data[i]) + out <= LARGEST ? out : Infinity
      }),
  }
}
