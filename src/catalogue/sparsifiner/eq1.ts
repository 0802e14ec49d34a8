import { eq1 as text } from '../../../reference/sparsifiner/eq1-low-rank-attention.ts'
import type { Equation } from '../schema.ts'
import { scale } from '../specs.ts'

export const eq1: Equation = {
  id: 'sparsifiner/eq1',
  title: 'Low-rank attention',
  source: 'Sparsifiner Eq. (1)',
  file: 'reference/sparsifiner/eq1-low-rank-attention.ts',
  inputs: {
    Q: { dims: ['..', 'n', 'd'], fill: 'tokens' },
    K: { dims: ['..', 'n', 'd'], fill: 'tokens' },
  },
  params: { W_down: { dims: ['m', 'n'], fill: 'weight' } },
  config: { scale },
  exposes: {
    K_down: { dims: ['..', 'm', 'd'] },
    logits: { dims: ['..', 'n', 'm'] },
    A_down: { dims: ['..', 'n', 'm'], output: true },
  },
  sizes: (draw) => ({ n: draw.integer(1, 14), d: draw.integer(1, 10), m: draw.integer(1, 8) }),
  evaluate: (a, ask) => {
    const inputs = { Q: ask.input('Q'), K: ask.input('K') }
    return text(a, inputs, { W_down: ask.param('W_down') }, { scale: ask.optionalNumber('scale') })
  },
}
