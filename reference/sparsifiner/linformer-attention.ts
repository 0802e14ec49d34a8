import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { eq1 } from './eq1-low-rank-attention.ts'

/**
 * X' = Softmax(Q (E K)ᵀ / √d) (F V)
 *
 * Linformer's attention, the baseline of equal cost in Sparsifiner Table 4: all n queries see m = n_down mixtures of the
 * keys and of the values, and nothing else. The attention map is Eq. (1) with W_down = E.
 * Q, K, V `[.., n, d]`, E, F `[m, n]` → X_next `[.., n, d]`. `scale` is 1/√d unless given.
 *
 * Decided: Linformer lets layers share E and F; without F, E projects the values too.
 */
export function linformer<K extends Kinds>(
  a: Arithmetic<K>,
  { Q, K: keys, V }: { Q: K['Dense']; K: K['Dense']; V: K['Dense'] },
  { E, F = E }: { readonly E: K['Dense']; readonly F?: K['Dense'] | undefined },
  { scale }: { readonly scale?: number | undefined },
): { X_next: K['Dense'] } {
  const factor = scale ?? 1 / Math.sqrt(a.shape(Q).at(-1) ?? 1)
  const attended = a.composite('projectedAttention', { Q, K: keys, V, E, F, factor }, () => {
    const { A_down } = eq1(a, { Q, K: keys }, { W_down: E }, { scale })
    const V_down = a.expose('V_down', a.matmul(F, V))
    return a.matmul(A_down, V_down)
  })
  const X_next = a.expose('X_next', attended)
  return { X_next }
}
