import { adaptiveAveragePooling, adaptiveMaxPooling } from '../../../reference/stvit/adaptive-pooling.ts'
import type { Equation } from '../schema.ts'

const common = {
  file: 'reference/stvit/adaptive-pooling.ts',
  inputs: { X: { dims: ['..', 'H', 'W', 'C'], fill: 'tokens' } },
  params: {},
  config: {
    out: { kind: 'integer', min: 1, about: 'bins along each axis: the map becomes out × out tokens' },
  },
  exposes: { P: { dims: ['..', 'out·out', 'C'], output: true } },
  derive: (sizes, { out }) => ({ ...sizes, out: Number(out) }),
  sizes: (draw) => ({ H: draw.integer(1, 9), W: draw.integer(1, 9), C: draw.integer(1, 8) }),
  sampleConfig: (draw) => ({ out: draw.integer(1, 5) }),
} satisfies Partial<Equation>

export const averagePooling: Equation = {
  id: 'stvit/adaptive-average-pooling',
  title: 'Adaptive average pooling',
  source: 'STViT §3.1',
  ...common,
  evaluate: (a, ask) => adaptiveAveragePooling(a, { X: ask.input('X') }, { out: ask.number('out') }),
}

export const maxPooling: Equation = {
  id: 'stvit/adaptive-max-pooling',
  title: 'Adaptive max pooling',
  source: 'STViT §3.1, the authors’ code',
  ...common,
  evaluate: (a, ask) => adaptiveMaxPooling(a, { X: ask.input('X') }, { out: ask.number('out') }),
}
