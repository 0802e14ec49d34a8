import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * X' = A_sparse V
 *
 * Sparsifiner Eq. (6): the attended values, zeros skipped.
 * A_sparse `[.., n, n]`, V `[.., n, d]` → X_next `[.., n, d]`.
 */
export function eq6<K extends Kinds>(
  a: Arithmetic<K>,
  { A_sparse, V }: { A_sparse: K['Dense']; V: K['Dense'] },
): { X_next: K['Dense'] } {
  const X_next = a.expose('X_next', a.sparseMatmulDense(a.compress(A_sparse), V))
  return { X_next }
}
