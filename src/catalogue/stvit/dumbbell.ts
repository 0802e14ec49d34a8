import { dumbbell as text } from '../../../reference/stvit/dumbbell.ts'
import { layerOf } from '../ask.ts'
import { exposedInside, prefixed, stacked } from '../rewritten.ts'
import type { Equation } from '../schema.ts'
import { layerParams } from '../specs.ts'
import {
  deriveStgm,
  oddPoolingKernels,
  sampleStgm,
  stgmConfig,
  stgmConfigOf,
  stgmExposes,
  stgmOf,
  stgmParams,
  stgmSizes,
} from './stgm.ts'
import { recoveryExposes, recoveryWindows } from './window-recovery.ts'

export const dumbbell: Equation = {
  id: 'stvit/dumbbell',
  title: 'Dumbbell unit: image tokens to semantic tokens and back',
  source: 'STViT §3.3, Fig. 2b',
  file: 'reference/stvit/dumbbell.ts',
  inputs: { X: { dims: ['..', 'H', 'W', 'C'], fill: 'tokens' } },
  params: {
    ...prefixed('stgm.', stgmParams),
    ...prefixed('semantic.', stacked('depth', layerParams)),
    ...prefixed('recovery.', layerParams),
  },
  config: {
    ...stgmConfig,
    nw: {
      kind: 'integer',
      min: 1,
      default: 1,
      about: 'windows along each axis of the recovery; must divide H, W and ws. 1 is the global recovery',
    },
  },
  exposes: {
    ...exposedInside('stgm.', 'stgm.', stgmExposes),
    S: { dims: ['..', 'ws·ws', 'C'], output: true },
    ...recoveryExposes('recovery.', 'sh·sh'),
    X_out: { dims: ['..', 'H', 'W', 'C'], output: true },
  },
  derive(sizes, config) {
    const [ws, nw] = [Number(config['ws']), Number(config['nw'])]
    const windows = recoveryWindows(sizes, nw)
    if ('where' in windows) return windows
    if (ws % nw !== 0) return { where: 'config.nw', expected: `a divisor of ws = ${ws}`, found: `${nw}` }
    return deriveStgm({ ...windows, sh: ws / nw }, config)
  },
  resolve: oddPoolingKernels('stgm.pooling.'),
  sizes(draw, config) {
    const { H, W, ...sizes } = stgmSizes(draw, config)
    const up = (extent: number): number => Math.ceil(extent / Number(config['nw'])) * Number(config['nw'])
    return { H: up(H), W: up(W), ...sizes, depth: draw.integer(1, 2) }
  },
  sampleConfig(draw) {
    const nw = draw.integer(1, 2)
    return { ...sampleStgm(draw), ws: nw * draw.integer(1, 2), nw }
  },
  evaluate(a, ask) {
    const params = {
      stgm: stgmOf(ask, 'stgm.'),
      semantic: layerOf(ask, 'semantic.'),
      recovery: layerOf(ask, 'recovery.'),
    }
    return text(a, { X: ask.input('X') }, params, { ...stgmConfigOf(ask), nw: ask.number('nw') })
  },
}
