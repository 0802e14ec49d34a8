import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import { sum, type Ball } from '../numbers/ball.ts'

/**
 * L_attn = MSE(Ã^down W_up, A_teach)          Sparsifiner Eq. (10), over all elements of all items.
 * A_tilde [.., n, m], W_up [m, n], A_teach [.., n, n]; scores [.., n, n], loss [].
 * The contract decides: `reduction` "sum" leaves the division out.
 */
export function eq10(ask: Ask): Named {
  const W_up = ask.param('W_up')
  const m = W_up.shape[0]
  const differences: Ball[] = []
  const perItem = eachItem(ask, (item) => {
    const [A_tilde, A_teach] = [item.input('A_tilde'), item.input('A_teach')]
    const scores: Grid<Ball> = grid(A_teach.shape, (i, j) =>
      sum(m, (a) => A_tilde.at(i, a).times(W_up.at(a, j))),
    )
    scores.values.forEach((score, at) => differences.push(score.minus(A_teach.values[at])))
    return new Map([['scores', scores]])
  })
  const total = sum(differences.length, (at) => differences[at].times(differences[at]))
  const mean = ask.choice('reduction', 'mean') === 'mean'
  const loss = grid([], () => (mean ? total.dividedBy(ask.constant(differences.length)) : total))
  return new Map([...perItem, ['loss', loss]])
}
