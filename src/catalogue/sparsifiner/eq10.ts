import { eq10 as text } from '../../../reference/sparsifiner/eq10-attention-distillation-loss.ts'
import type { ConfigSpec, Equation } from '../schema.ts'

export const reductions = ['mean', 'sum'] as const
export const reduction: ConfigSpec = {
  kind: 'choice',
  choices: reductions,
  default: 'mean',
  about: 'of Eq. (10), over all elements',
}

export const eq10: Equation = {
  id: 'sparsifiner/eq10',
  title: 'Attention distillation loss',
  source: 'Sparsifiner Eq. (10)',
  file: 'reference/sparsifiner/eq10-attention-distillation-loss.ts',
  inputs: {
    A_tilde: { dims: ['..', 'n', 'm'], fill: 'coefficients' },
    A_teach: { dims: ['..', 'n', 'n'], fill: 'probabilities' },
  },
  params: { W_up: { dims: ['m', 'n'], fill: 'basis' } },
  config: { reduction },
  exposes: {
    scores: { dims: ['..', 'n', 'n'] },
    loss: { dims: [], output: true },
  },
  sizes: (draw) => ({ n: draw.integer(1, 12), m: draw.integer(1, 8) }),
  sampleConfig: (draw) => ({ reduction: draw.pick(reductions) }),
  evaluate: (a, ask) => {
    const inputs = { A_tilde: ask.input('A_tilde'), A_teach: ask.input('A_teach') }
    return text(a, inputs, { W_up: ask.param('W_up') }, { reduction: ask.choice('reduction', reductions) })
  },
}
