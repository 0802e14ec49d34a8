import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import { sum, type Ball } from '../numbers/ball.ts'
import { softmax } from '../softmax.ts'
import { scaling } from './scale.ts'

/**
 * A^sparse = M ⊙ Softmax(Q Kᵀ / √d)          Sparsifiner Eq. (4).
 * Q, K [.., n, d], M [.., n, n]; logits [.., n, n], A_sparse [.., n, n].
 * The contract decides: `normalize` "full" takes the softmax over the whole row, then keeps it where M = 1; "masked"
 * takes it over the kept entries alone, and a row with none kept is all zeros. `scale` replaces 1/√d.
 */
export function eq4(ask: Ask): Named {
  const masked = ask.choice('normalize', 'full') === 'masked'
  return eachItem(ask, (item) => {
    const [Q, K, M] = [item.input('Q'), item.input('K'), item.mask('M')]
    const [n, d] = Q.shape
    const scaled = scaling(item, d)
    const logits = grid([n, n], (i, j) => scaled(sum(d, (e) => Q.at(i, e).times(K.at(j, e)))))
    const rows = Array.from({ length: n }, (_, i) => row(logits, M, i, masked))
    const A_sparse = grid([n, n], (i, j) => rows[i].get(j) ?? item.constant(0))
    return new Map(Object.entries({ logits, A_sparse }))
  })
}

/** Row i of A_sparse, by column, where M keeps it. */
function row(logits: Grid<Ball>, M: Grid<boolean>, i: number, masked: boolean): ReadonlyMap<number, Ball> {
  const every = Array.from({ length: M.shape[1] }, (_, j) => j)
  const kept = every.filter((j) => M.at(i, j))
  if (kept.length === 0) return new Map()
  const over = masked ? kept : every
  const weights = softmax(over.map((j) => logits.at(i, j)))
  return new Map(
    over.map((j, position): [number, Ball] => [j, weights[position]]).filter(([j]) => M.at(i, j)),
  )
}
