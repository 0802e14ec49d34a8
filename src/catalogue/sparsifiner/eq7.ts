import { eq7 as text } from '../../../reference/sparsifiner/eq7-classification-loss.ts'
import type { Equation } from '../schema.ts'

export const eq7: Equation = {
  id: 'sparsifiner/eq7',
  title: 'Classification loss',
  source: 'Sparsifiner Eq. (7)',
  file: 'reference/sparsifiner/eq7-classification-loss.ts',
  inputs: {
    logits: { dims: ['B', 'k'], fill: 'tokens' },
    target: { dims: ['B', 'k'], fill: 'target' },
  },
  params: {},
  config: {},
  exposes: {
    log_probs: { dims: ['B', 'k'] },
    per_sample: { dims: ['B'] },
    loss: { dims: [], output: true },
  },
  sizes: (draw) => ({ B: draw.integer(1, 5), k: draw.integer(1, 12) }),
  evaluate: (a, ask) => text(a, { logits: ask.input('logits'), target: ask.input('target') }),
}
