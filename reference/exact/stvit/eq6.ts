import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { layer } from '../layer.ts'

/**
 * X̂ = MHA(X, S, S) + X,  X_out = FFN(X̂) + X̂          STViT Eq. (6), §3.3: image tokens recovered from semantic ones.
 * X [.., Nx, C], S [.., Ns, C]; X_hat, X_out [.., Nx, C].
 */
export function eq6(ask: Ask): Named {
  return eachItem(ask, (item) => {
    const [X, S] = [item.input('X'), item.input('S')]
    return layer(item, { queries: X, keys: S, residual: X }, ['X_hat', 'X_out'])
  })
}
