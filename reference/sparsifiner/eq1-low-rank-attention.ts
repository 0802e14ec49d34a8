import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * Ã_down = Softmax(Q (W_down K)ᵀ / √d)
 *
 * Sparsifiner Eq. (1): attention of the queries to m = n_down projected keys.
 * Q, K `[.., n, d]`, W_down `[m, n]` → A_down `[.., n, m]`. `scale` is 1/√d unless given.
 */
export function eq1<K extends Kinds>(
  a: Arithmetic<K>,
  { Q, K: keys }: { Q: K['Dense']; K: K['Dense'] },
  { W_down }: { readonly W_down: K['Dense'] },
  { scale }: { readonly scale?: number | undefined },
): { A_down: K['Dense'] } {
  const d = a.shape(Q).at(-1) ?? 1
  const K_down = a.expose('K_down', a.matmul(W_down, keys))
  const logits = a.expose('logits', a.scale(a.matmulTransposed(Q, K_down), scale ?? 1 / Math.sqrt(d)))
  const A_down = a.expose('A_down', a.softmax(logits))
  return { A_down }
}
