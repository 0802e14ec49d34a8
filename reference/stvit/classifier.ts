import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Linear, Norm } from '../layers/parameters.ts'

/**
 * logits = head(mean over tokens of LN(X))
 *
 * STViT §4.1: classification by global average pooling in place of a class token; the norm, where there is one, goes over every
 * token before the mean. X `[.., N, C]` → logits `[.., k]`; head `[k, C]`, its bias optional.
 */
export function classifier<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  { norm, head }: { readonly norm?: Norm<K> | undefined; readonly head: Linear<K> },
  { eps }: { readonly eps: number },
): { logits: K['Dense'] } {
  const tokens = norm === undefined ? X : a.expose('norm', a.layerNorm(X, norm.weight, norm.bias, eps))
  const pooled = a.expose('pooled', a.mean(a.swapAxes(tokens, -1, -2), 'last'))
  return { logits: a.expose('logits', a.linear(pooled, head.weight, head.bias)) }
}
