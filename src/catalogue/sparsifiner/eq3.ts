import { eq3 as text } from '../../../reference/sparsifiner/eq3-connectivity-mask.ts'
import type { Equation } from '../schema.ts'
import { connectivity } from './connectivity.ts'

export const eq3: Equation = {
  id: 'sparsifiner/eq3',
  title: 'Connectivity mask',
  source: 'Sparsifiner Eq. (3)',
  file: 'reference/sparsifiner/eq3-connectivity-mask.ts',
  inputs: { A_tilde: { dims: ['..', 'n', 'm'], fill: 'coefficients' } },
  params: { W_up: { dims: ['m', 'n'], fill: 'basis' } },
  config: connectivity.config,
  exposes: {
    scores: { dims: ['..', 'n', 'n'], output: true },
    M: { dims: ['..', 'n', 'n'], kind: 'mask', output: true },
  },
  oneOf: connectivity.oneOf,
  resolve: connectivity.resolve,
  sizes: (draw) => ({ n: draw.integer(1, 14), m: draw.integer(1, 8) }),
  sampleConfig: connectivity.sampleConfig,
  evaluate: (a, ask) => {
    const config = { budget: ask.number('budget'), basis_threshold: ask.optionalNumber('basis_threshold') }
    return text(a, { A_tilde: ask.input('A_tilde') }, { W_up: ask.param('W_up') }, config)
  },
}
