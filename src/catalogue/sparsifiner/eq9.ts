import { eq9 as text } from '../../../reference/sparsifiner/eq9-prediction-distillation-loss.ts'
import type { ConfigSpec, Equation } from '../schema.ts'

export const directions = ['pred,teach', 'teach,pred'] as const
export const direction: ConfigSpec = {
  kind: 'choice',
  choices: directions,
  default: 'pred,teach',
  about: 'KL(pred ‖ teach) as printed, or KL(teach ‖ pred), the authors’ code',
}

export const eq9: Equation = {
  id: 'sparsifiner/eq9',
  title: 'Prediction distillation loss',
  source: 'Sparsifiner Eq. (9)',
  file: 'reference/sparsifiner/eq9-prediction-distillation-loss.ts',
  inputs: {
    logits: { dims: ['B', 'k'], fill: 'tokens' },
    logits_teach: { dims: ['B', 'k'], fill: 'tokens' },
  },
  params: {},
  config: { direction },
  exposes: {
    log_probs: { dims: ['B', 'k'] },
    log_probs_teach: { dims: ['B', 'k'] },
    per_sample: { dims: ['B'] },
    loss: { dims: [], output: true },
  },
  sizes: (draw) => ({ B: draw.integer(1, 5), k: draw.integer(1, 12) }),
  sampleConfig: (draw) => ({ direction: draw.pick(directions) }),
  evaluate: (a, ask) => {
    const inputs = { logits: ask.input('logits'), logits_teach: ask.input('logits_teach') }
    return text(a, inputs, {}, { direction: ask.choice('direction', directions) })
  },
}
