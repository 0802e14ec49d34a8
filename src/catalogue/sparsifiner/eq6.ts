import { eq6 as text } from '../../../reference/sparsifiner/eq6-sparse-values.ts'
import type { Equation } from '../schema.ts'

export const eq6: Equation = {
  id: 'sparsifiner/eq6',
  title: 'Values under sparse attention',
  source: 'Sparsifiner Eq. (6)',
  file: 'reference/sparsifiner/eq6-sparse-values.ts',
  inputs: {
    A_sparse: { dims: ['..', 'n', 'n'], fill: 'coefficients' },
    V: { dims: ['..', 'n', 'd'], fill: 'tokens' },
  },
  params: {},
  config: {},
  exposes: { X_next: { dims: ['..', 'n', 'd'], output: true } },
  sizes: (draw) => ({ n: draw.integer(1, 14), d: draw.integer(1, 10) }),
  evaluate: (a, ask) => text(a, { A_sparse: ask.input('A_sparse'), V: ask.input('V') }),
}
