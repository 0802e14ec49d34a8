import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'
import { softmax } from '../softmax.ts'
import { scaling } from './scale.ts'

/**
 * A^down = Softmax(Q (W_down K)ᵀ / √d)          Sparsifiner Eq. (1).
 * Q, K [.., n, d], W_down [m, n]; K_down [.., m, d], logits [.., n, m], A_down [.., n, m].
 * The contract decides: softmax over the m columns; `scale` replaces 1/√d; W_down is shared by batch and heads.
 */
export function eq1(ask: Ask): Named {
  const W_down = ask.param('W_down')
  return eachItem(ask, (item) => {
    const [Q, K] = [item.input('Q'), item.input('K')]
    const [n, d] = Q.shape
    const m = W_down.shape[0]
    const K_down = grid([m, d], (a, e) => sum(n, (j) => W_down.at(a, j).times(K.at(j, e))))
    const scaled = scaling(item, d)
    const logits = grid([n, m], (i, a) => scaled(sum(d, (e) => Q.at(i, e).times(K_down.at(a, e)))))
    const rows = Array.from({ length: n }, (_, i) => softmax(logits.values.slice(i * m, (i + 1) * m)))
    const A_down = grid([n, m], (i, a) => rows[i][a])
    return new Map(Object.entries({ K_down, logits, A_down }))
  })
}
