import { eq2 as text } from '../../../reference/stvit/eq2-global-cross-attention.ts'
import { layerOf } from '../ask.ts'
import type { Equation } from '../schema.ts'
import { channels, eps, heads, layerExposes, layerParams, splitIntoHeads } from '../specs.ts'

const residuals = ['S1', 'S1+G'] as const

export const eq2: Equation = {
  id: 'stvit/eq2',
  title: 'Cross-attention with global centres',
  source: 'STViT Eq. (2), §3.1',
  file: 'reference/stvit/eq2-global-cross-attention.ts',
  inputs: {
    S1: { dims: ['..', 'Ns', 'C'], fill: 'tokens' },
    X: { dims: ['..', 'Ni', 'C'], fill: 'tokens' },
  },
  params: { G: { dims: ['Ns', 'C'], fill: 'tokens' }, ...layerParams },
  config: {
    heads,
    eps,
    residual: {
      kind: 'choice',
      choices: residuals,
      default: 'S1',
      about: 'what the attention is added to: S1 (the paper) or the query S1+G (the authors’ code)',
    },
  },
  exposes: layerExposes('Ns', 'Ns+Ni', 'S_hat', 'S'),
  derive: splitIntoHeads,
  sizes: (draw, config) => {
    const C = channels(draw, config)
    return { Ns: draw.integer(1, 9), Ni: draw.integer(1, 12), C, rC: C * draw.pick([1, 2, 4]) }
  },
  sampleConfig: (draw) => ({ heads: draw.integer(1, 3), residual: draw.pick(residuals) }),
  evaluate: (a, ask) => {
    const config = {
      heads: ask.number('heads'),
      eps: ask.number('eps'),
      residual: ask.choice('residual', residuals),
    }
    return text(a, { S1: ask.input('S1'), X: ask.input('X') }, { ...layerOf(ask), G: ask.param('G') }, config)
  },
}
