import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { geluSteps, layerNormSteps, logSoftmaxSteps, softmaxSteps } from '../noise/stepwise.ts'
import { accuracyOf } from '../profile/accuracy.ts'
import type { Profile } from '../profile/profile.ts'
import type { Bounded, BoundedKinds } from './bounded.ts'
import { choiceOf } from './choice.ts'
import { stepwiseGeluBounds } from './stepwise-gelu.ts'
import { stepwiseLayerNormBounds } from './stepwise-layer-norm.ts'
import { stepwiseLogSoftmaxBounds, stepwiseSoftmaxBounds } from './stepwise-softmax.ts'

/**
 * The rules of a runtime that may write LayerNorm, GELU, softmax and log-softmax out, and stores what each step gives
 * element by element in the format of the profile's results. A step is rounded or not, each for itself; what comes out
 * last is rounded as any result (`results.ts`). Sums accumulate in float32, and only what they come to is stored. In
 * steps goes what is printed: the variance as the mean of squared deviations, x − max before exp, (x − μ)·r before the
 * bias. A rewrite of these (one pass, folded, not shifted, online) stays in float32, as without this: the larger of
 * both bounds holds.
 */
export function writtenOut(rules: Arithmetic<BoundedKinds>, profile: Profile): Arithmetic<BoundedKinds> {
  if (!profile.rewrites.stepwise || profile.formats.results === 'float32') return rules
  const accuracy = accuracyOf(profile)
  const widened = <B extends Bounded>(x: B, b: Tensor, more: Tensor): B => ({
    ...x,
    b: each(x.b, b, Math.max),
    s2: each(x.s2, more, (s2, steps) => s2 + steps),
  })
  return {
    ...rules,
    gelu(x) {
      const y = rules.gelu(x)
      return widened(y, stepwiseGeluBounds(accuracy, x, y.v), geluSteps(accuracy, x.v, y.v))
    },
    softmax(z) {
      const p = rules.softmax(z)
      return widened(p, stepwiseSoftmaxBounds(accuracy, z, p.v), softmaxSteps(accuracy, z.v, p.v))
    },
    maskedSoftmax(mask, z) {
      const p = rules.maskedSoftmax(mask, z)
      const { ambiguous } = choiceOf(mask.data, mask.ambiguous, mask.open)
      const b = stepwiseSoftmaxBounds(accuracy, z, p.v, { kept: p.kept, ambiguous })
      return widened(p, b, softmaxSteps(accuracy, z.v, p.v, p.kept))
    },
    logSoftmax(z) {
      const v = rules.logSoftmax(z)
      return widened(v, stepwiseLogSoftmaxBounds(accuracy, z, v.v), logSoftmaxSteps(accuracy, z.v, v.v))
    },
    layerNorm(x, weight, bias, eps) {
      const y = rules.layerNorm(x, weight, bias, eps)
      const b = stepwiseLayerNormBounds(accuracy, x, weight, bias, eps, y.v)
      return widened(y, b, layerNormSteps(accuracy, x.v, weight.v, eps))
    },
  }
}

function each(x: Tensor, y: Tensor, f: (x: number, y: number) => number): Tensor {
  const out = new Float64Array(x.size)
  for (let i = 0; i < out.length; i++) out[i] = f(x.data[i], y.data[i])
  return tensor(out, x.shape)
}
