import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { attend } from '../layers/attention.ts'
import { feedForward } from '../layers/feed-forward.ts'
import type { Layer, LayerConfig } from '../layers/parameters.ts'

/**
 * X̂ = MHA(X, S, S) + X,  X' = FFN(X̂) + X̂
 *
 * STViT Eq. (6), §3.3: the recovery of image tokens from semantic tokens, for one window of each.
 * X `[.., Nx, C]` (queries), S `[.., Ns, C]` (keys and values) → X_hat, X_out `[.., Nx, C]`.
 */
export function eq6<K extends Kinds>(
  a: Arithmetic<K>,
  { X, S }: { X: K['Dense']; S: K['Dense'] },
  layer: Layer<K>,
  config: LayerConfig,
): { X_hat: K['Dense']; X_out: K['Dense'] } {
  const X_hat = a.expose('X_hat', a.add(attend(a, X, S, layer, config), X))
  const X_out = a.expose('X_out', a.add(feedForward(a, X_hat, layer, config), X_hat))
  return { X_hat, X_out }
}
