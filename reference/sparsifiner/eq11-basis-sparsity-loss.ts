import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * L_spa = ‖W_up‖²
 *
 * Sparsifiner Eq. (11): the sum of squares of the basis. W_up `[m, n]` → loss `[]`.
 */
export function eq11<K extends Kinds>(
  a: Arithmetic<K>,
  _: object,
  { W_up }: { readonly W_up: K['Dense'] },
): { loss: K['Dense'] } {
  const loss = a.expose('loss', a.sum(a.multiply(W_up, W_up), 'all'))
  return { loss }
}
