import { eq2 as text } from '../../../reference/sparsifiner/eq2-coefficient-threshold.ts'
import type { ConfigSpec, Equation } from '../schema.ts'

export const tau: ConfigSpec = {
  kind: 'number',
  default: 0.05,
  about: 'what is not strictly greater becomes 0; rounded to float32 first',
}

export const eq2: Equation = {
  id: 'sparsifiner/eq2',
  title: 'Threshold of the coefficients',
  source: 'Sparsifiner Eq. (2)',
  file: 'reference/sparsifiner/eq2-coefficient-threshold.ts',
  inputs: { A_down: { dims: ['..', 'n', 'm'], fill: 'probabilities' } },
  params: {},
  config: { tau },
  exposes: { A_tilde: { dims: ['..', 'n', 'm'], output: true } },
  sizes: (draw) => ({ n: draw.integer(1, 14), m: draw.integer(1, 12) }),
  evaluate: (a, ask) => text(a, { A_down: ask.input('A_down') }, {}, { tau: ask.number('tau') }),
}
