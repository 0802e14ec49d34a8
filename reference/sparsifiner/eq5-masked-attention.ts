import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * A_sparse = M ⊙ A
 *
 * Sparsifiner Eq. (5): the connectivity mask applied to given attention. With A = Softmax(QKᵀ/√d) it is Eq. (4).
 * M, A `[.., n, n]` → A_sparse `[.., n, n]`.
 */
export function eq5<K extends Kinds>(
  a: Arithmetic<K>,
  { M, A }: { M: K['Mask']; A: K['Dense'] },
): { A_sparse: K['Sparse'] } {
  const A_sparse = a.exposeSparse('A_sparse', a.select(M, A))
  return { A_sparse }
}
