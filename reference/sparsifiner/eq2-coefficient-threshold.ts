import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * Ã = A_down where A_down > τ, else 0
 *
 * Sparsifiner Eq. (2): the sparse coefficients of the basis.
 * A_down `[.., n, m]` → A_tilde `[.., n, m]`. Strictly greater; τ is rounded to float32 first.
 */
export function eq2<K extends Kinds>(
  a: Arithmetic<K>,
  { A_down }: { A_down: K['Dense'] },
  _: object,
  { tau }: { readonly tau: number },
): { A_tilde: K['Sparse'] } {
  const A_tilde = a.exposeSparse('A_tilde', a.threshold(A_down, tau))
  return { A_tilde }
}
