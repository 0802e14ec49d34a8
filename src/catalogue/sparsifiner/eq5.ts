import { eq5 as text } from '../../../reference/sparsifiner/eq5-masked-attention.ts'
import type { Equation } from '../schema.ts'

export const eq5: Equation = {
  id: 'sparsifiner/eq5',
  title: 'Mask on given attention',
  source: 'Sparsifiner Eq. (5)',
  file: 'reference/sparsifiner/eq5-masked-attention.ts',
  inputs: {
    M: { dims: ['..', 'n', 'n'], kind: 'mask', fill: 'mask' },
    A: { dims: ['..', 'n', 'n'], fill: 'probabilities' },
  },
  params: {},
  config: {},
  exposes: { A_sparse: { dims: ['..', 'n', 'n'], output: true } },
  sizes: (draw) => ({ n: draw.integer(1, 14) }),
  evaluate: (a, ask) => text(a, { M: ask.mask('M'), A: ask.input('A') }),
}
