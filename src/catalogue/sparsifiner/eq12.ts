import { eq12 as text } from '../../../reference/sparsifiner/eq12-total-loss.ts'
import type { ConfigSpec, Equation, TensorSpec } from '../schema.ts'

const scalar: TensorSpec = { dims: [], fill: 'scalar' }
const lambda = (term: string): ConfigSpec => ({ kind: 'number', default: 0, about: `weight of ${term}` })

export const eq12: Equation = {
  id: 'sparsifiner/eq12',
  title: 'Total loss',
  source: 'Sparsifiner Eq. (12)',
  file: 'reference/sparsifiner/eq12-total-loss.ts',
  inputs: { L_cls: scalar, L_token: scalar, L_kl: scalar, L_attn: scalar, L_spa: scalar },
  params: {},
  config: {
    lambda_token: lambda('L_token'),
    lambda_cls: lambda('L_kl'),
    lambda_attn: lambda('L_attn'),
    lambda_spa: lambda('L_spa'),
  },
  exposes: { loss: { dims: [], output: true } },
  sizes: () => ({}),
  sampleConfig: (draw) => {
    const weight = (): number => draw.pick([0, 0.5, 1, draw.integer(1, 100) / 64])
    return { lambda_token: weight(), lambda_cls: weight(), lambda_attn: weight(), lambda_spa: weight() }
  },
  evaluate: (a, ask) => {
    const inputs = {
      L_cls: ask.input('L_cls'),
      L_token: ask.input('L_token'),
      L_kl: ask.input('L_kl'),
      L_attn: ask.input('L_attn'),
      L_spa: ask.input('L_spa'),
    }
    const weights = {
      lambda_token: ask.number('lambda_token'),
      lambda_cls: ask.number('lambda_cls'),
      lambda_attn: ask.number('lambda_attn'),
      lambda_spa: ask.number('lambda_spa'),
    }
    return text(a, inputs, {}, weights)
  },
}
