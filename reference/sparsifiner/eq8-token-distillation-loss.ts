import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * L_token = mean((x − x_teach)²)
 *
 * Sparsifiner Eq. (8): the tokens after the last block held against the teacher's.
 * x, x_teach of one shape → loss `[]`.
 */
export function eq8<K extends Kinds>(
  a: Arithmetic<K>,
  { x, x_teach }: { x: K['Dense']; x_teach: K['Dense'] },
): { loss: K['Dense'] } {
  const difference = a.subtract(x, x_teach)
  const loss = a.expose('loss', a.mean(a.multiply(difference, difference), 'all'))
  return { loss }
}
