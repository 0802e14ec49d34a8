import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'

/**
 * X^(l+1) = A^sparse V          Sparsifiner Eq. (6).
 * A_sparse [.., n, n], V [.., n, d]; X_next[i,e] = Σⱼ A_sparse[i,j] V[j,e] [.., n, d]. Zeros add nothing.
 */
export function eq6(ask: Ask): Named {
  return eachItem(ask, (item) => {
    const [A_sparse, V] = [item.input('A_sparse'), item.input('V')]
    const [n, d] = V.shape
    return new Map([['X_next', grid([n, d], (i, e) => sum(n, (j) => A_sparse.at(i, j).times(V.at(j, e))))]])
  })
}
