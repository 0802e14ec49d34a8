import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { layer } from '../layer.ts'

/**
 * Ŝ¹ = MHA(P, X, X) + P,  S¹ = FFN(Ŝ¹) + Ŝ¹          STViT Eq. (1), §3.1.
 * P [.., Ns, C], X [.., Ni, C]; S_hat, S [.., Ns, C].
 */
export function eq1(ask: Ask): Named {
  return eachItem(ask, (item) => {
    const [P, X] = [item.input('P'), item.input('X')]
    return layer(item, { queries: P, keys: X, residual: P }, ['S_hat', 'S'])
  })
}
