import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { attend } from '../layers/attention.ts'
import { feedForward } from '../layers/feed-forward.ts'
import type { Layer, LayerConfig } from '../layers/parameters.ts'

/**
 * Ŝ² = MHA(S¹ + G, Concat(S¹, X), Concat(S¹, X)) + S¹,  S² = FFN(Ŝ²) + Ŝ²
 *
 * STViT Eq. (2), §3.1: a later layer of semantic token generation, with global cluster centres G.
 * S1 `[.., Ns, C]`, X `[.., Ni, C]`, G `[Ns, C]` → S_hat, S `[.., Ns, C]`.
 * `residual: "S1"` is the paper; `"S1+G"`, the query itself, is the authors' code.
 */
export function eq2<K extends Kinds>(
  a: Arithmetic<K>,
  { S1, X }: { S1: K['Dense']; X: K['Dense'] },
  layer: Layer<K> & { readonly G: K['Dense'] },
  config: LayerConfig & { readonly residual: 'S1' | 'S1+G' },
): { S_hat: K['Dense']; S: K['Dense'] } {
  const query = a.add(S1, layer.G)
  const attended = attend(a, query, a.concat([S1, X], -2), layer, config)
  const S_hat = a.expose('S_hat', a.add(attended, config.residual === 'S1' ? S1 : query))
  const S = a.expose('S', a.add(feedForward(a, S_hat, layer, config), S_hat))
  return { S_hat, S }
}
