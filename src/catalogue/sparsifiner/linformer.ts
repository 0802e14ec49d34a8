import { linformer as text } from '../../../reference/sparsifiner/linformer-attention.ts'
import type { Equation } from '../schema.ts'
import { scale } from '../specs.ts'

export const linformer: Equation = {
  id: 'sparsifiner/linformer',
  title: 'Linformer attention',
  source: 'Sparsifiner Table 4, the baseline of equal cost',
  file: 'reference/sparsifiner/linformer-attention.ts',
  inputs: {
    Q: { dims: ['..', 'n', 'd'], fill: 'tokens' },
    K: { dims: ['..', 'n', 'd'], fill: 'tokens' },
    V: { dims: ['..', 'n', 'd'], fill: 'tokens' },
  },
  params: {
    E: { dims: ['m', 'n'], fill: 'weight' },
    F: { dims: ['m', 'n'], fill: 'weight', optional: true },
  },
  config: { scale },
  exposes: {
    K_down: { dims: ['..', 'm', 'd'] },
    logits: { dims: ['..', 'n', 'm'] },
    A_down: { dims: ['..', 'n', 'm'] },
    V_down: { dims: ['..', 'm', 'd'] },
    X_next: { dims: ['..', 'n', 'd'], output: true },
  },
  sizes: (draw) => ({ n: draw.integer(1, 14), d: draw.integer(1, 10), m: draw.integer(1, 8) }),
  evaluate: (a, ask) => {
    const inputs = { Q: ask.input('Q'), K: ask.input('K'), V: ask.input('V') }
    const params = { E: ask.param('E'), F: ask.optionalParam('F') }
    return text(a, inputs, params, { scale: ask.optionalNumber('scale') })
  },
}
