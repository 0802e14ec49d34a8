import { eq1 as text } from '../../../reference/stvit/eq1-initial-cross-attention.ts'
import { layerOf } from '../ask.ts'
import type { Equation } from '../schema.ts'
import { channels, eps, heads, layerExposes, layerParams, splitIntoHeads } from '../specs.ts'

export const eq1: Equation = {
  id: 'stvit/eq1',
  title: 'Initial cross-attention',
  source: 'STViT Eq. (1), §3.1',
  file: 'reference/stvit/eq1-initial-cross-attention.ts',
  inputs: {
    P: { dims: ['..', 'Ns', 'C'], fill: 'tokens' },
    X: { dims: ['..', 'Ni', 'C'], fill: 'tokens' },
  },
  params: layerParams,
  config: { heads, eps },
  exposes: layerExposes('Ns', 'Ni', 'S_hat', 'S'),
  derive: splitIntoHeads,
  sizes: (draw, config) => {
    const C = channels(draw, config)
    return { Ns: draw.integer(1, 9), Ni: draw.integer(1, 12), C, rC: C * draw.pick([1, 2, 4]) }
  },
  sampleConfig: (draw) => ({ heads: draw.integer(1, 3) }),
  evaluate: (a, ask) => {
    const config = { heads: ask.number('heads'), eps: ask.number('eps') }
    return text(a, { P: ask.input('P'), X: ask.input('X') }, layerOf(ask), config)
  },
}
