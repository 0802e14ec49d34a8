import erfc from '@stdlib/math-base-special-erfc'
import { fill } from '../noise/noise.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import type { Accuracy } from '../profile/accuracy.ts'
import { formatLimits } from '../profile/profile.ts'
import { compose, type Bounded } from './bounded.ts'
import { carriedByGelu, density } from './elementwise.ts'
import { asOperand, resultBound } from './flushed.ts'
import { storing } from './storing.ts'

/**
 * Bounds of GELU ½x(1 + erf(x/√2)) written out in steps. H(a) is what storing anything of magnitude up to a may cost,
 * X = |x| + B. What B does is as in float32 (`elementwise.ts`).
 *
 * - The argument is x times a rounded √½, or over a rounded √2, and stored: off by Δ = X·η + √2·H(X/√2), in units of x,
 *   which moves f by X·φ·Δ.
 * - erf is off by its error and H, ½X times.
 * - 1 + erf is stored, and so is its product with x, whether x, it or the product is halved; or ½x·erf is stored before
 *   ½x is added: ½X·H(1 + erf), or H(½X·erf). Halving what is in the format is exact, but for ½x among its subnormals.
 * - What comes out is a result.
 */
export function stepwiseGeluBounds(accuracy: Accuracy, x: Bounded, v: Tensor): Tensor {
  const { u, flush, profile } = accuracy
  const inherited = asOperand(x, flush).data
  const { one: H } = storing(accuracy)
  const { least } = formatLimits[profile.formats.results]
  const twice = compose(u, u)
  const eta = compose(Math.max(twice, compose(accuracy.divide, u)), accuracy.narrowConstant(Math.SQRT1_2))
  const erf = accuracy.erf + 5 * u
  return fill(v.shape, (i) => {
    const z = x.v.data[i]
    const bound = inherited[i]
    const X = Math.abs(z) + bound
    if (X === 0) return 0
    const moved = X * eta
    const delta = moved + Math.SQRT2 * H((X + moved) * Math.SQRT1_2)
    const argument = X * delta * density(Math.max(0, Math.abs(z) - bound - delta))
    const largest = 1 - erfc((X + delta) * Math.SQRT1_2) + erf
    const ofErf = below(1, largest, H)
    const sum = erfc(-(z + bound + delta) * Math.SQRT1_2) + erf + ofErf
    const ofSum = below(2, sum, H)
    // of x·(1 + erf) before it is halved
    if (H(X * (sum + ofSum)) === Infinity) return Infinity
    const last = Math.max(0.5 * X * ofSum, H(0.5 * X * (largest + ofErf)))
    const halved = 0.5 * X < least ? H(0.5 * X) * (sum + ofSum) : 0
    const own = 0.5 * X * (erf + ofErf) + last + argument + halved
    const value = Math.abs(v.data[i])
    return resultBound(value, carriedByGelu(z, v.data[i], bound) + own * (1 + twice), twice, flush)
  })
}

/** H of what is `most` at most and in truth less than `limit`, a power of two: beyond that, it is rounded back to it at worst. */
function below(limit: number, most: number, H: (most: number) => number): number {
  const under = limit * (1 - 2 ** -30)
  return most < limit ? H(most) : Math.max(H(under), Math.min(H(most), most - limit))
}
