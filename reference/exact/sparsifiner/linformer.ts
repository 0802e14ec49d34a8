import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'
import { softmax } from '../softmax.ts'
import { scaling } from './scale.ts'

/**
 * X' = Softmax(Q (E K)ᵀ / √d) (F V)          Linformer, the baseline of Sparsifiner Table 4.
 * Q, K, V [.., n, d], E, F [m, n]; K_down, V_down [.., m, d], logits, A_down [.., n, m], X_next [.., n, d].
 * The contract decides: without F, E projects the values too; `scale` replaces 1/√d.
 */
export function linformer(ask: Ask): Named {
  const E = ask.param('E')
  const F = ask.hasParam('F') ? ask.param('F') : E
  const m = E.shape[0]
  return eachItem(ask, (item) => {
    const [Q, K, V] = [item.input('Q'), item.input('K'), item.input('V')]
    const [n, d] = Q.shape
    const scaled = scaling(item, d)
    const K_down = grid([m, d], (a, e) => sum(n, (j) => E.at(a, j).times(K.at(j, e))))
    const logits = grid([n, m], (i, a) => scaled(sum(d, (e) => Q.at(i, e).times(K_down.at(a, e)))))
    const rows = Array.from({ length: n }, (_, i) => softmax(logits.values.slice(i * m, (i + 1) * m)))
    const A_down = grid([n, m], (i, a) => rows[i][a])
    const V_down = grid([m, d], (a, e) => sum(n, (j) => F.at(a, j).times(V.at(j, e))))
    const X_next = grid([n, d], (i, e) => sum(m, (a) => A_down.at(i, a).times(V_down.at(a, e))))
    return new Map(Object.entries({ K_down, logits, A_down, V_down, X_next }))
  })
}
