import { eq11 as text } from '../../../reference/sparsifiner/eq11-basis-sparsity-loss.ts'
import type { Equation } from '../schema.ts'

export const eq11: Equation = {
  id: 'sparsifiner/eq11',
  title: 'Basis sparsity loss',
  source: 'Sparsifiner Eq. (11)',
  file: 'reference/sparsifiner/eq11-basis-sparsity-loss.ts',
  inputs: {},
  params: { W_up: { dims: ['m', 'n'], fill: 'basis' } },
  config: {},
  exposes: { loss: { dims: [], output: true } },
  sizes: (draw) => ({ n: draw.integer(1, 20), m: draw.integer(1, 10) }),
  evaluate: (a, ask) => text(a, {}, { W_up: ask.param('W_up') }),
}
