import { primitivesOf } from './primitives-of.ts'
import { isFilled, isOfNorm, mapped, type Probe } from './probe.ts'

const WEIGHTS = 32
const TOKENS = 10

/**
 * Logits tens or hundreds apart, so that a softmax keeps one entry and the others underflow: a missing shift by the maximum
 * overflows, a temperature or scale that is off no longer averages out, 0·log 0 turns up in losses.
 */
export const oneHotSoftmax: Probe = {
  name: 'one-hot-softmax',
  about: 'softmax rows with one entry of weight: no shift by the maximum, subnormal exp, 0·log 0',
  applies: (equation) =>
    ['softmax', 'maskedSoftmax', 'logSoftmax'].some((name) =>
      [...primitivesOf(equation)].some((p) => p === name),
    ),
  // with norms, weights this large do not blow up from layer to layer
  sampling: (equation) => ({
    magnitude: 1,
    has: (name) => (isOfNorm(equation, name) ? true : undefined),
  }),
  change(drawn) {
    const { spec, equation } = drawn
    const weighted = isFilled(equation, 'weight', 'weights')
    if (spec.fill === 'weight' || spec.fill === 'weights') return mapped(drawn, (x) => WEIGHTS * x)
    return spec.fill === 'tokens' && !weighted ? mapped(drawn, (x) => TOKENS * x) : undefined
  },
}
