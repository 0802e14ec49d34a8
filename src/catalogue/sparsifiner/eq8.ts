import { eq8 as text } from '../../../reference/sparsifiner/eq8-token-distillation-loss.ts'
import type { Equation } from '../schema.ts'

export const eq8: Equation = {
  id: 'sparsifiner/eq8',
  title: 'Token distillation loss',
  source: 'Sparsifiner Eq. (8)',
  file: 'reference/sparsifiner/eq8-token-distillation-loss.ts',
  inputs: {
    x: { dims: ['..'], fill: 'tokens' },
    x_teach: { dims: ['..'], fill: 'tokens' },
  },
  params: {},
  config: {},
  exposes: { loss: { dims: [], output: true } },
  sizes: () => ({}),
  evaluate: (a, ask) => text(a, { x: ask.input('x'), x_teach: ask.input('x_teach') }),
}
