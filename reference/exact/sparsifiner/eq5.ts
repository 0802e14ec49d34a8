import type { Ask, Named } from '../ask.ts'
import { gridOf } from '../grid.ts'

/**
 * A^sparse = M ⊙ A          Sparsifiner Eq. (5).
 * M, A [.., n, n]; A_sparse [.., n, n].
 */
export function eq5(ask: Ask): Named {
  const [M, A] = [ask.mask('M'), ask.input('A')]
  const zero = ask.constant(0)
  return new Map([
    [
      'A_sparse',
      gridOf(
        A.shape,
        A.values.map((value, at) => (M.values[at] ? value : zero)),
      ),
    ],
  ])
}
