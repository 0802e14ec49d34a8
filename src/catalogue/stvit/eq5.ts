import { windowSize } from '../../../reference/layers/windows.ts'
import { eq5 as text } from '../../../reference/stvit/eq5-inter-window-pooling.ts'
import { poolingOf } from '../ask.ts'
import type { Equation } from '../schema.ts'
import { eps, kernel, poolingParams } from '../specs.ts'
import { oddKernels } from './odd-kernels.ts'

export const eq5: Equation = {
  id: 'stvit/eq5',
  title: 'Intra- and inter-window pooling',
  source: 'STViT Eq. (5), §3.1',
  file: 'reference/stvit/eq5-inter-window-pooling.ts',
  inputs: { X: { dims: ['..', 'H', 'W', 'C'], fill: 'tokens' } },
  params: { ...poolingParams('intra.', '1', '_intra'), ...poolingParams('inter.', 'Kh·Kw', '_inter') },
  config: {
    ws: { kind: 'integer', min: 1, about: 'windows along each axis: the map becomes ws × ws tokens' },
    eps,
  },
  exposes: {
    windows: { dims: ['..', 'ws·ws', 'Kh', 'Kw', 'C'] },
    'intra.dw': { dims: ['..', 'ws·ws', 'Kh', 'Kw', 'C'] },
    'intra.norm': { dims: ['..', 'ws·ws', 'Kh', 'Kw', 'C'] },
    'intra.gelu': { dims: ['..', 'ws·ws', 'Kh', 'Kw', 'C'] },
    M: { dims: ['..', 'ws·ws', 'Kh', 'Kw'], output: true },
    P_hat: { dims: ['..', 'ws', 'ws', 'C'], output: true },
    'inter.dw': { dims: ['..', 'ws', 'ws', 'C'] },
    'inter.norm': { dims: ['..', 'ws', 'ws', 'C'] },
    'inter.gelu': { dims: ['..', 'ws', 'ws', 'C'] },
    O: { dims: ['..', 'ws·ws', 'Kh', 'Kw'], output: true },
    weights: { dims: ['..', 'ws·ws', 'Kh·Kw'] },
    P: { dims: ['..', 'ws·ws', 'C'], output: true },
  },
  derive: (sizes, config) => {
    const ws = Number(config['ws'])
    const { height, width } = windowSize(sizes['H'], sizes['W'], ws)
    return { ...sizes, ws, Kh: height, Kw: width }
  },
  resolve: oddKernels({
    kd_intra: 'param.intra.dw.weight',
    kc_intra: 'param.intra.conv.weight',
    kd_inter: 'param.inter.dw.weight',
    kc_inter: 'param.inter.conv.weight',
  }),
  sizes: (draw, { ws }) => ({
    H: Number(ws) + draw.integer(0, 6),
    W: Number(ws) + draw.integer(0, 6),
    C: draw.integer(2, 10),
    kd_intra: kernel(draw),
    kc_intra: kernel(draw),
    kd_inter: kernel(draw),
    kc_inter: kernel(draw),
  }),
  sampleConfig: (draw) => ({ ws: draw.integer(1, 4) }),
  evaluate: (a, ask) => {
    const params = { intra: poolingOf(ask, 'intra.'), inter: poolingOf(ask, 'inter.') }
    return text(a, { X: ask.input('X') }, params, { ws: ask.number('ws'), eps: ask.number('eps') })
  },
}
