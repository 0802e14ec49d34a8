import type { Ask, Named } from '../ask.ts'
import { gridOf } from '../grid.ts'

/**
 * Ã^down = A^down where A^down > τ, else 0          Sparsifiner Eq. (2).
 * A_down [.., n, m]; A_tilde [.., n, m].
 * The contract decides: τ rounded to float32 first; strictly greater. Both sides are floats, so nothing is rounded.
 */
export function eq2(ask: Ask): Named {
  const tau = Math.fround(ask.number('tau', 0.05))
  const A_down = ask.floats('A_down')
  const kept = A_down.values.map((value) => ask.constant(value > tau ? value : 0))
  return new Map([['A_tilde', gridOf(A_down.shape, kept)]])
}
