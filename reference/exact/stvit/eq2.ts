import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { added, concatenated, layer } from '../layer.ts'

/**
 * Ŝ² = MHA(S¹ + G, Concat(S¹, X), Concat(S¹, X)) + S¹,  S² = FFN(Ŝ²) + Ŝ²          STViT Eq. (2), §3.1.
 * S1 [.., Ns, C], X [.., Ni, C], G [Ns, C] the same for every item; S_hat, S [.., Ns, C].
 * The contract decides: S¹ comes first among keys and values; `residual` "S1+G" adds the query instead of S¹.
 */
export function eq2(ask: Ask): Named {
  return eachItem(ask, (item) => {
    const [S1, X] = [item.input('S1'), item.input('X')]
    const queries = added(S1, item.param('G'))
    const residual = item.choice('residual', 'S1') === 'S1+G' ? queries : S1
    return layer(item, { queries, keys: concatenated(S1, X), residual }, ['S_hat', 'S'])
  })
}
