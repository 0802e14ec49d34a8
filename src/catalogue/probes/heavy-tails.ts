import exp from '@stdlib/math-base-special-exp'
import { isFilled, mapped, type Probe } from './probe.ts'

/** Makes the logits of a head about ±20 at their largest. */
const WEIGHTS = 1.5
const TOKENS = 2

/**
 * Weights as training leaves them: most small, few large, the logits of attention up to about ±20. Errors that a normal weight hides among
 * others of its size show where one product outweighs the rest.
 */
export const heavyTails: Probe = {
  name: 'heavy-tails',
  about: 'weights with heavy tails, logits to ±20: formats too narrow, exp off far from 0, lost small terms',
  applies: (equation) => isFilled(equation, 'weight', 'weights', 'tokens'),
  sampling: () => ({ magnitude: 1 }),
  change(drawn, source) {
    const { spec, equation } = drawn
    if (spec.fill === 'weight' || spec.fill === 'weights')
      return mapped(drawn, (x) => WEIGHTS * x * exp(0.7 * source.normal()))
    if (spec.fill !== 'tokens') return undefined
    const size = isFilled(equation, 'weight', 'weights') ? 1 : TOKENS
    return mapped(drawn, (x) => size * x * exp(0.5 * source.normal()))
  },
}
