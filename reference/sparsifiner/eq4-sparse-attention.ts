import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * A_sparse = M ⊙ Softmax(QKᵀ/√d)
 *
 * Sparsifiner Eq. (4): full-rank attention at the connected places.
 * Q, K `[.., n, d]`, M `[.., n, n]` → A_sparse `[.., n, n]`. `scale` is 1/√d unless given.
 *
 * `normalize: "full"` is the printed equation: softmax over the whole row, then kept where M = 1.
 * `"masked"`, the authors' code, is softmax over the kept entries alone, whose cost is proportional to them.
 */
export function eq4<K extends Kinds>(
  a: Arithmetic<K>,
  { Q, K: keys, M }: { Q: K['Dense']; K: K['Dense']; M: K['Mask'] },
  _: object,
  { scale, normalize }: { readonly scale?: number | undefined; readonly normalize: 'full' | 'masked' },
): { A_sparse: K['Sparse'] } {
  const factor = scale ?? 1 / Math.sqrt(a.shape(Q).at(-1) ?? 1)
  if (normalize === 'full') {
    const logits = a.expose('logits', a.scale(a.matmulTransposed(Q, keys), factor))
    return { A_sparse: a.exposeSparse('A_sparse', a.select(M, a.softmax(logits))) }
  }
  const logits = a.exposeSparse('logits', a.sparseScale(a.matmulAt(M, Q, keys), factor))
  return { A_sparse: a.exposeSparse('A_sparse', a.maskedSoftmax(M, logits)) }
}
