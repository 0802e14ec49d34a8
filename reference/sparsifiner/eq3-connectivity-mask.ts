import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * M = 1 at the B largest non-zero entries of each row of Ã W_up, else 0
 *
 * Sparsifiner Eq. (3): the connectivity mask, from sparse coefficients and a sparse basis.
 * A_tilde `[.., n, m]`, W_up `[m, n]` → scores `[.., n, n]`, M `[.., n, n]` of 0 and 1.
 *
 * `basis_threshold` t: entries of W_up with |w| ≤ t count as 0 first. Decided: among equal scores the lower column
 * wins; zeros rank by value, above negatives, and are dropped after the choice, so a row may hold fewer than B.
 */
export function eq3<K extends Kinds>(
  a: Arithmetic<K>,
  { A_tilde }: { A_tilde: K['Dense'] },
  { W_up }: { readonly W_up: K['Dense'] },
  { budget, basis_threshold }: { readonly budget: number; readonly basis_threshold?: number | undefined },
): { scores: K['Sparse']; M: K['Mask'] } {
  const basis = basis_threshold === undefined ? a.compress(W_up) : a.thresholdMagnitude(W_up, basis_threshold)
  const scores = a.exposeSparse('scores', a.sparseMatmul(a.compress(A_tilde), basis))
  const M = a.exposeMask('M', a.topK(scores, budget))
  return { scores, M }
}
