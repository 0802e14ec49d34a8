import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid } from '../grid.ts'
import { pooling } from '../pooling.ts'

/**
 * M = f_intra(X_w) = Conv(GELU(LayerNorm(DWConv(X_w))))          STViT Eq. (4), §3.1, on one window.
 * X_w [.., kh, kw, C]; dw, norm, gelu [.., kh, kw, C], M [.., kh, kw], the one channel of the last convolution.
 */
export function eq4(ask: Ask): Named {
  return eachItem(ask, (item) => {
    const { conv, ...steps } = pooling(item, '', item.input('X_w'))
    const [kh, kw] = conv.shape
    return new Map(Object.entries({ ...steps, M: grid([kh, kw], (y, x) => conv.at(y, x, 0)) }))
  })
}
