import { eq3 as text } from '../../../reference/sparsifiner/eq3-connectivity-mask.ts'
import type { Equation } from '../schema.ts'

export const eq3: Equation = {
  id: 'sparsifiner/eq3',
  title: 'Connectivity mask',
  source: 'Sparsifiner Eq. (3)',
  file: 'reference/sparsifiner/eq3-connectivity-mask.ts',
  inputs: { A_tilde: { dims: ['..', 'n', 'm'], fill: 'coefficients' } },
  params: { W_up: { dims: ['m', 'n'], fill: 'basis' } },
  config: {
    budget: {
      kind: 'integer',
      min: 0,
      optional: true,
      about: 'entries a row may keep; above n it is n; this or keep_rate',
    },
    keep_rate: {
      kind: 'number',
      min: 0,
      above: true,
      max: 1,
      optional: true,
      about: 'budget as a share of n: ⌈keep_rate·n⌉; this or budget',
    },
    basis_threshold: {
      kind: 'number',
      min: 0,
      optional: true,
      about: 'entries of W_up no larger in magnitude count as 0; rounded to float32 first; none unless given',
    },
  },
  exposes: {
    scores: { dims: ['..', 'n', 'n'], output: true },
    M: { dims: ['..', 'n', 'n'], kind: 'mask', output: true },
  },
  oneOf: ['budget', 'keep_rate'],
  resolve: ({ budget, keep_rate, ...rest }, { n }) => {
    return { ...rest, budget: Math.min(n, Number(budget ?? Math.ceil(Number(keep_rate) * n))) }
  },
  sizes: (draw) => ({ n: draw.integer(1, 14), m: draw.integer(1, 8) }),
  sampleConfig: (draw) => ({
    ...draw.pick<Record<string, number>>([
      { budget: draw.integer(0, 15) },
      { keep_rate: draw.integer(1, 8) / 8 },
    ]),
    ...draw.pick<Record<string, number>>([{}, { basis_threshold: 0.01 }]),
  }),
  evaluate: (a, ask) => {
    const config = { budget: ask.number('budget'), basis_threshold: ask.optionalNumber('basis_threshold') }
    return text(a, { A_tilde: ask.input('A_tilde') }, { W_up: ask.param('W_up') }, config)
  },
}
