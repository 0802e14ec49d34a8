import { eq4 as text } from '../../../reference/stvit/eq4-intra-window-mask.ts'
import { poolingOf } from '../ask.ts'
import type { Equation } from '../schema.ts'
import { eps, kernel, poolingParams } from '../specs.ts'
import { oddKernels } from './odd-kernels.ts'

export const eq4: Equation = {
  id: 'stvit/eq4',
  title: 'Intra-window pooling mask',
  source: 'STViT Eq. (4), §3.1',
  file: 'reference/stvit/eq4-intra-window-mask.ts',
  inputs: { X_w: { dims: ['..', 'kh', 'kw', 'C'], fill: 'tokens' } },
  params: poolingParams('', '1', ''),
  config: { eps },
  exposes: {
    dw: { dims: ['..', 'kh', 'kw', 'C'] },
    norm: { dims: ['..', 'kh', 'kw', 'C'] },
    gelu: { dims: ['..', 'kh', 'kw', 'C'] },
    M: { dims: ['..', 'kh', 'kw'], output: true },
  },
  resolve: oddKernels({ kd: 'param.dw.weight', kc: 'param.conv.weight' }),
  sizes: (draw) => ({
    kh: draw.integer(1, 6),
    kw: draw.integer(1, 6),
    C: draw.integer(2, 12),
    kd: kernel(draw),
    kc: kernel(draw),
  }),
  evaluate: (a, ask) => text(a, { X_w: ask.input('X_w') }, poolingOf(ask, ''), { eps: ask.number('eps') }),
}
