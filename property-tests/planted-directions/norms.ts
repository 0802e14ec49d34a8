import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { FullKinds } from '../../reference/float32/index.ts'
import type { Tensor } from '../../reference/tensor.ts'
import { layer, LAYERS, map, type Planted } from './planted.ts'

type Rules = Arithmetic<FullKinds>

/** Of norms and GELU. */
export const NORMS: readonly Planted[] = [
  ...LAYERS.flatMap((equation): Planted[] => [
    {
      equation,
      bug: 'ε of 1e-5 in every LayerNorm',
      id: 'layer-norm/epsilon=0.00001',
      options: layer,
      rules: (base) => ({ layerNorm: (x, w, b) => base.layerNorm(x, w, b, 1e-5) }),
    },
    {
      equation,
      bug: 'the unbiased variance',
      id: 'layer-norm/unbiased',
      options: layer,
      rules: (base) => ({
        layerNorm: (x, w, b, eps) =>
          base.layerNorm(
            x,
            map(w, (g) => g * Math.sqrt(11 / 12)),
            b,
            (eps * 11) / 12,
          ),
      }),
    },
    {
      equation,
      bug: 'GELU by tanh',
      id: 'gelu/tanh',
      options: layer,
      rules: () => ({
        gelu: (x) =>
          map(x, (z) => z / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)))),
      }),
    },
    {
      equation,
      bug: 'GELU before fc1',
      id: 'gelu/early',
      options: layer,
      rules: (base) => ({
        linear: (x, w, b) => base.linear(w.shape[0] === 24 ? base.gelu(x) : x, w, b),
        gelu: (x) => x,
      }),
    },
    {
      equation,
      bug: 'keys and values without their norm',
      id: 'layer-norm/left-out/norm_kv',
      options: { ...layer, has: (name) => !name.startsWith('param.layer_scale') },
      rules: (base) => {
        let norms = 0
        return { layerNorm: (x, w, b, eps) => (norms++ === 1 ? x : base.layerNorm(x, w, b, eps)) }
      },
    },
  ]),
  ...['stvit/eq4', 'stvit/eq5'].map((equation): Planted => ({
    equation,
    bug: 'ReLU in place of GELU',
    id: 'gelu/relu',
    rules: () => ({ gelu: (x) => map(x, (z) => (z > 0 ? z : 0)) }),
  })),
  ...(['S1', 'S1+G'] as const).flatMap((residual): Planted[] =>
    ['layer_scale', 'no LayerScale'].map((scaled) => ({
      equation: 'stvit/eq2',
      bug: `the residual ${residual} after norm1, ${scaled}`,
      id: 'sum/normed/S_hat',
      options: {
        ...layer,
        config: { heads: 3, residual },
        has: (name) => scaled === 'layer_scale' || !name.startsWith('param.layer_scale'),
      },
      rules: normedResidual,
    })),
  ),
  {
    equation: 'stvit/eq2',
    bug: 'the normed query as the residual',
    id: 'sum/normed-query/S_hat',
    options: { ...layer, config: { heads: 3, residual: 'S1' } },
    rules: (base) => {
      let query: Tensor | undefined
      let sums = 0
      return {
        layerNorm: (x, w, b, eps) => {
          const y = base.layerNorm(x, w, b, eps)
          query ??= y
          return y
        },
        add: (x, y) => base.add(x, ++sums === 2 ? (query ?? y) : y),
      }
    },
  },
]

/** The second sum, MHA(…) + residual, with what the first norm makes of the residual. */
function normedResidual(base: Rules): Partial<Rules> {
  let norm: ((x: Tensor) => Tensor) | undefined
  let sums = 0
  return {
    layerNorm: (x, w, b, eps) => {
      norm ??= (y) => base.layerNorm(y, w, b, eps)
      return base.layerNorm(x, w, b, eps)
    },
    add: (x, y) => base.add(x, ++sums === 2 ? (norm?.(y) ?? y) : y),
  }
}
