import { eq6 as text } from '../../../reference/stvit/eq6-recovery.ts'
import { layerOf } from '../ask.ts'
import type { Equation } from '../schema.ts'
import { channels, eps, heads, layerExposes, layerParams, splitIntoHeads } from '../specs.ts'

export const eq6: Equation = {
  id: 'stvit/eq6',
  title: 'Recovery of image tokens',
  source: 'STViT Eq. (6), §3.3',
  file: 'reference/stvit/eq6-recovery.ts',
  inputs: {
    X: { dims: ['..', 'Nx', 'C'], fill: 'tokens' },
    S: { dims: ['..', 'Ns', 'C'], fill: 'tokens' },
  },
  params: layerParams,
  config: { heads, eps },
  exposes: layerExposes('Nx', 'Ns', 'X_hat', 'X_out'),
  derive: splitIntoHeads,
  sizes: (draw, config) => {
    const C = channels(draw, config)
    return { Nx: draw.integer(1, 9), Ns: draw.integer(1, 12), C, rC: C * draw.pick([1, 2, 4]) }
  },
  sampleConfig: (draw) => ({ heads: draw.integer(1, 3) }),
  evaluate: (a, ask) => {
    const config = { heads: ask.number('heads'), eps: ask.number('eps') }
    return text(a, { X: ask.input('X'), S: ask.input('S') }, layerOf(ask), config)
  },
}
