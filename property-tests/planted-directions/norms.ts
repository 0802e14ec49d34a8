import { layer, LAYERS, map, type Planted } from './planted.ts'

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
]
