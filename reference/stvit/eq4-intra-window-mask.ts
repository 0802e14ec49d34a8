import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Pooling } from '../layers/parameters.ts'
import { poolingMask } from '../layers/pooling-mask.ts'

/**
 * M = Conv(GELU(LN(DWConv(X_w))))
 *
 * STViT Eq. (4), §3.1: the intra-window mask, which weighs the tokens of one window.
 * X_w `[.., kh, kw, C]` → M `[.., kh, kw]`.
 */
export function eq4<K extends Kinds>(
  a: Arithmetic<K>,
  { X_w }: { X_w: K['Dense'] },
  f_intra: Pooling<K>,
  config: { readonly eps: number },
): { M: K['Dense'] } {
  const M = a.expose('M', a.reshape(poolingMask(a, X_w, f_intra, config), a.shape(X_w).slice(0, -1)))
  return { M }
}
