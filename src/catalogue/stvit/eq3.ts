import { eq3 as text } from '../../../reference/stvit/eq3-attention-split.ts'
import { queryAndKeyOf } from '../ask.ts'
import type { Equation } from '../schema.ts'
import { channels, heads, linear, splitIntoHeads } from '../specs.ts'

const noNorm = 'with a pre-norm the split of Eq. (3) is not an identity'

export const eq3: Equation = {
  id: 'stvit/eq3',
  title: 'Attention split into tokens and global centres',
  source: 'STViT Eq. (3), §3.1',
  file: 'reference/stvit/eq3-attention-split.ts',
  inputs: {
    S1: { dims: ['..', 'Ns', 'C'], fill: 'tokens' },
    X: { dims: ['..', 'Ni', 'C'], fill: 'tokens' },
  },
  params: {
    G: { dims: ['Ns', 'C'], fill: 'tokens' },
    ...linear('attn.q', 'C', 'C'),
    ...linear('attn.k', 'C', 'C'),
  },
  refuses: { 'norm1.weight': noNorm, 'norm1.bias': noNorm },
  config: { heads },
  exposes: {
    q_s: { dims: ['..', 'h', 'Ns', 'd'] },
    q_g: { dims: ['h', 'Ns', 'd'] },
    k: { dims: ['..', 'h', 'Ns+Ni', 'd'] },
    A_s: { dims: ['..', 'h', 'Ns', 'Ns+Ni'], output: true },
    A_g: { dims: ['..', 'h', 'Ns', 'Ns+Ni'], output: true },
    // by Eq. (2) it is one softmax, of the queries' sum
    A: { dims: ['..', 'h', 'Ns', 'Ns+Ni'], output: true, otherWay: true },
  },
  derive: splitIntoHeads,
  sizes: (draw, config) => ({ Ns: draw.integer(1, 9), Ni: draw.integer(1, 12), C: channels(draw, config) }),
  sampleConfig: (draw) => ({ heads: draw.integer(1, 3) }),
  evaluate: (a, ask) => {
    const params = { G: ask.param('G'), attn: queryAndKeyOf(ask) }
    return text(a, { S1: ask.input('S1'), X: ask.input('X') }, params, { heads: ask.number('heads') })
  },
}
