import { eq4 as text } from '../../../reference/sparsifiner/eq4-sparse-attention.ts'
import type { ConfigSpec, Equation } from '../schema.ts'
import { scale } from '../specs.ts'

export const normalizations = ['full', 'masked'] as const
export const normalize: ConfigSpec = {
  kind: 'choice',
  choices: normalizations,
  default: 'full',
  about: 'softmax over the whole row, then kept where M = 1 (the paper), or over the kept entries alone',
}

export const eq4: Equation = {
  id: 'sparsifiner/eq4',
  title: 'Sparse full-rank attention',
  source: 'Sparsifiner Eq. (4)',
  file: 'reference/sparsifiner/eq4-sparse-attention.ts',
  inputs: {
    Q: { dims: ['..', 'n', 'd'], fill: 'tokens' },
    K: { dims: ['..', 'n', 'd'], fill: 'tokens' },
    M: { dims: ['..', 'n', 'n'], kind: 'mask', fill: 'mask' },
  },
  params: {},
  config: { scale, normalize },
  exposes: {
    logits: { dims: ['..', 'n', 'n'], judgedAt: 'M' },
    A_sparse: { dims: ['..', 'n', 'n'], output: true },
  },
  sizes: (draw) => ({ n: draw.integer(1, 14), d: draw.integer(1, 10) }),
  sampleConfig: (draw) => ({ normalize: draw.pick(normalizations) }),
  evaluate: (a, ask) => {
    const config = { scale: ask.optionalNumber('scale'), normalize: ask.choice('normalize', normalizations) }
    return text(a, { Q: ask.input('Q'), K: ask.input('K'), M: ask.mask('M') }, {}, config)
  },
}
