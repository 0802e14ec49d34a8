import type { Kinds } from '../../../reference/arithmetic.ts'
import { windowSize } from '../../../reference/layers/windows.ts'
import { stgm as text, type StgmConfig, type StgmParameters } from '../../../reference/stvit/stgm.ts'
import { layerOf, poolingOf, type Ask } from '../ask.ts'
import type { Sizes } from '../dimensions.ts'
import { exposedInside, only, prefixed } from '../rewritten.ts'
import type { Condition, Config, Draw, Equation, Violation } from '../schema.ts'
import { fewChannels, heads, kernel, layerExposes, layerParams, splitIntoHeads } from '../specs.ts'
import { eq2 } from './eq2.ts'
import { eq5 } from './eq5.ts'
import { oddKernels } from './odd-kernels.ts'

const poolings = ['eq5', 'average', 'max'] as const
const residuals = ['S1', 'S1+G'] as const
const byEq5: Condition = ['pooling', 'eq5']

/** Params of the semantic token generation module. */
export const stgmParams: Equation['params'] = {
  ...only(byEq5, prefixed('pooling.', eq5.params)),
  ...prefixed('layer1.', layerParams),
  ...prefixed('layer2.', layerParams),
  G: { dims: ['ws·ws', 'C'], fill: 'tokens' },
}

export const stgmConfig: Equation['config'] = {
  ...eq5.config,
  heads,
  pooling: {
    kind: 'choice',
    choices: poolings,
    default: 'eq5',
    about: 'the initial centres: by Eq. (5), or by adaptive average or max pooling, which have no params',
  },
  residual: eq2.config['residual'],
}

/** What the module exposes. */
export const stgmExposes: Equation['exposes'] = {
  ...only(byEq5, exposedInside('pooling.', 'pooling.', eq5.exposes, ['P'])),
  P: { dims: ['..', 'ws·ws', 'C'] },
  ...exposedInside('layer1.', 'layer1.', layerExposes('ws·ws', 'H·W', 'S_hat', 'S'), ['S']),
  S1: { dims: ['..', 'ws·ws', 'C'], output: true },
  ...exposedInside('layer2.', 'layer2.', layerExposes('ws·ws', 'ws·ws+H·W', 'S_hat', 'S'), ['S']),
  S: { dims: ['..', 'ws·ws', 'C'], output: true },
}

/** The windows of Eq. (5), and the heads. */
export function deriveStgm(sizes: Sizes, config: Config): Sizes | Violation {
  const ws = Number(config['ws'])
  const { height, width } = windowSize(sizes['H'], sizes['W'], ws)
  return splitIntoHeads({ ...sizes, ws, Kh: height, Kw: width }, config)
}

/** That the kernels of Eq. (5) are odd, where it is asked for; theirs are params under `prefix`. */
export function oddPoolingKernels(prefix: string): NonNullable<Equation['resolve']> {
  const check = oddKernels({
    kd_intra: `param.${prefix}intra.dw.weight`,
    kc_intra: `param.${prefix}intra.conv.weight`,
    kd_inter: `param.${prefix}inter.dw.weight`,
    kc_inter: `param.${prefix}inter.conv.weight`,
  })
  return (config, sizes) => (config['pooling'] === 'eq5' ? check(config, sizes) : config)
}

/** Sizes of a small module. */
export function stgmSizes(draw: Draw, config: Config): Record<string, number> {
  const ws = Number(config['ws'])
  const C = fewChannels(draw, config)
  const kernels = { kd_intra: kernel(draw), kc_intra: 1, kd_inter: 3, kc_inter: 1 }
  return {
    H: ws + draw.integer(0, 2),
    W: ws + draw.integer(0, 2),
    C,
    rC: C * draw.pick([1, 2]),
    ...kernels,
  }
}

/** Config of a small module. */
export function sampleStgm(draw: Draw): Record<string, number | string> {
  return { ws: draw.integer(1, 2), heads: draw.integer(1, 2), pooling: draw.pick(poolings) }
}

/** The module's params under `prefix`. */
export function stgmOf<K extends Kinds>(ask: Ask<K>, prefix = ''): StgmParameters<K> {
  const pooling = ask.choice('pooling', poolings)
  return {
    pooling:
      pooling === 'eq5'
        ? {
            intra: poolingOf(ask, `${prefix}pooling.intra.`),
            inter: poolingOf(ask, `${prefix}pooling.inter.`),
          }
        : pooling,
    layer1: layerOf(ask, `${prefix}layer1.`),
    layer2: layerOf(ask, `${prefix}layer2.`),
    G: ask.param(`${prefix}G`),
  }
}

export function stgmConfigOf<K extends Kinds>(ask: Ask<K>): StgmConfig {
  return {
    ws: ask.number('ws'),
    heads: ask.number('heads'),
    eps: ask.number('eps'),
    residual: ask.choice('residual', residuals),
  }
}

export const stgm: Equation = {
  id: 'stvit/stgm',
  title: 'Semantic token generation: Eq. (5), Eq. (1), Eq. (2)',
  source: 'STViT §3.1',
  file: 'reference/stvit/stgm.ts',
  inputs: { X: { dims: ['..', 'H', 'W', 'C'], fill: 'tokens' } },
  params: stgmParams,
  config: stgmConfig,
  exposes: stgmExposes,
  derive: deriveStgm,
  resolve: oddPoolingKernels('pooling.'),
  sizes: stgmSizes,
  sampleConfig: (draw) => ({ ...sampleStgm(draw), residual: draw.pick(residuals) }),
  evaluate: (a, ask) => text(a, { X: ask.input('X') }, stgmOf(ask), stgmConfigOf(ask)),
}
