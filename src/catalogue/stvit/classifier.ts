import { classifier as text } from '../../../reference/stvit/classifier.ts'
import { linearOf, optionalNormOf } from '../ask.ts'
import type { Equation } from '../schema.ts'
import { eps, linear, norm } from '../specs.ts'

export const classifier: Equation = {
  id: 'stvit/classifier',
  title: 'Classifier by global average pooling',
  source: 'STViT §4.1',
  file: 'reference/stvit/classifier.ts',
  inputs: { X: { dims: ['..', 'N', 'C'], fill: 'tokens' } },
  params: { ...norm('norm', 'C', { optional: true }), ...linear('head', 'k', 'C') },
  config: { eps },
  exposes: {
    norm: { dims: ['..', 'N', 'C'], needs: 'norm.weight' },
    pooled: { dims: ['..', 'C'] },
    logits: { dims: ['..', 'k'], output: true },
  },
  sizes: (draw) => ({ N: draw.integer(1, 12), C: draw.integer(1, 12), k: draw.integer(1, 10) }),
  evaluate: (a, ask) =>
    text(
      a,
      { X: ask.input('X') },
      { norm: optionalNormOf(ask, 'norm'), head: linearOf(ask, 'head') },
      { eps: ask.number('eps') },
    ),
}
