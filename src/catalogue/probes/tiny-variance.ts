import { primitivesOf } from './primitives-of.ts'
import { isOfNorm, mapped, rowLength, type Probe } from './probe.ts'

/**
 * Rows whose variance is about ε, so that what stands under the root is half of it: a wrong ε, or one added outside the root, shows. The
 * mean is no larger than the deviation, as far from which E[x²] − μ² still has its digits.
 */
export const tinyVariance: Probe = {
  name: 'tiny-variance',
  about: 'rows of variance about ε: wrong ε, ε outside the root',
  applies: (equation) => primitivesOf(equation).has('layerNorm'),
  // without its first norm a layer carries tiny rows on to the second
  sampling: (equation, source) => {
    const first = source.pick([true, false])
    return {
      magnitude: 1,
      has: (name) => (isOfNorm(equation, name) ? first || !name.includes('norm1') : undefined),
    }
  },
  change(drawn, source) {
    const { spec, name, equation, config, value } = drawn
    const deviation = Math.sqrt(Number(config['eps']))
    if (spec.fill === 'bias' && !isOfNorm(equation, name)) return mapped(drawn, (x) => deviation * x)
    if (spec.fill !== 'tokens' || value.kind === 'mask') return undefined
    const width = rowLength(value.tensor)
    const means = Array.from({ length: value.tensor.size / width }, () => source.normal())
    return mapped(drawn, (x, i) => deviation * (means[Math.floor(i / width)] + x))
  },
}
