import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { attend } from '../layers/attention.ts'
import { feedForward } from '../layers/feed-forward.ts'
import type { Layer, LayerConfig } from '../layers/parameters.ts'

/**
 * Ŝ¹ = MHA(P, X, X) + P,  S¹ = FFN(Ŝ¹) + Ŝ¹
 *
 * STViT Eq. (1), §3.1: the first layer of semantic token generation.
 * P `[.., Ns, C]` initial cluster centres (queries), X `[.., Ni, C]` image tokens (keys and values) →
 * S_hat, S `[.., Ns, C]`.
 */
export function eq1<K extends Kinds>(
  a: Arithmetic<K>,
  { P, X }: { P: K['Dense']; X: K['Dense'] },
  layer: Layer<K>,
  config: LayerConfig,
): { S_hat: K['Dense']; S: K['Dense'] } {
  const S_hat = a.expose('S_hat', a.add(attend(a, P, X, layer, config), P))
  const S = a.expose('S', a.add(feedForward(a, S_hat, layer, config), S_hat))
  return { S_hat, S }
}
