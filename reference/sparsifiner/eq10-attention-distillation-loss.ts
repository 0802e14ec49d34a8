import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * L_attn = mean((Ã W_up − A_teach)²)
 *
 * Sparsifiner Eq. (10): the reconstructed attention held against the teacher's.
 * A_tilde `[.., n, m]`, A_teach `[.., n, n]`, W_up `[m, n]` → loss `[]`. `reduction: "sum"` leaves out the division.
 */
export function eq10<K extends Kinds>(
  a: Arithmetic<K>,
  { A_tilde, A_teach }: { A_tilde: K['Dense']; A_teach: K['Dense'] },
  { W_up }: { readonly W_up: K['Dense'] },
  { reduction }: { readonly reduction: 'mean' | 'sum' },
): { loss: K['Dense'] } {
  const scores = a.expose('scores', a.matmul(A_tilde, W_up))
  const difference = a.subtract(scores, A_teach)
  const loss = a.expose('loss', a[reduction](a.multiply(difference, difference), 'all'))
  return { loss }
}
