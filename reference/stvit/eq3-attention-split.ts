import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { project, scoreScale, splitHeads } from '../layers/attention.ts'
import type { Attention } from '../layers/parameters.ts'

/**
 * A = Softmax(A_s + A_g),  A_s = S¹W_q((S¹ + X)W_k)ᵀ/√d,  A_g = GW_q((S¹ + X)W_k)ᵀ/√d
 *
 * STViT Eq. (3), §3.1: the attention of Eq. (2) split into what the tokens and what the global centres ask for.
 * S1 `[.., Ns, C]`, X `[.., Ni, C]`, G `[Ns, C]` → A_s, A_g (before softmax), A `[.., h, Ns, Ns + Ni]`.
 *
 * Decided: the printed (S¹ + X) is the concatenation of Eq. (2), S¹ first; both terms carry 1/√d; the query bias is
 * added once, in A_s.
 */
export function eq3<K extends Kinds>(
  a: Arithmetic<K>,
  { S1, X }: { S1: K['Dense']; X: K['Dense'] },
  { G, attn }: { readonly G: K['Dense']; readonly attn: Pick<Attention<K>, 'q' | 'k'> },
  { heads: h }: { readonly heads: number },
): { A_s: K['Dense']; A_g: K['Dense']; A: K['Dense'] } {
  const q_s = a.expose('q_s', project(a, S1, attn.q, h))
  const q_g = a.expose('q_g', splitHeads(a, a.linear(G, attn.q.weight), h))
  const k = a.expose('k', project(a, a.concat([S1, X], -2), attn.k, h))

  const A_s = a.expose('A_s', a.scale(a.matmulTransposed(q_s, k), scoreScale(a, q_s)))
  const A_g = a.expose('A_g', a.scale(a.matmulTransposed(q_g, k), scoreScale(a, q_g)))
  const A = a.expose('A', a.softmax(a.add(A_s, A_g)))
  return { A_s, A_g, A }
}
