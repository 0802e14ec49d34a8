import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import { Ball } from '../numbers/ball.ts'
import { bigNumbers } from '../numbers/big-number.ts'
import { compare, decimalText, dyadic, product, sum, type Dyadic } from '../numbers/dyadic.ts'
import { NONE } from '../numbers/error-bounds.ts'

/**
 * M[i,j] = 1 where (Ã^down W_up)[i,j] is among the `budget` largest of row i          Sparsifiner Eq. (3).
 * A_tilde [.., n, m], W_up [m, n]; scores = A_tilde W_up [.., n, n], M [.., n, n].
 * The contract decides: entries of W_up with |w| ≤ `basis_threshold` (rounded to float32) count as 0; signed scores are
 * ranked, of equal ones the lower column first; then those that are exactly 0 are dropped; `keep_rate` is ⌈keep_rate·n⌉.
 *
 * Floats are binary fractions, so the scores are too: they are computed and compared as such, without any rounding.
 */
export function eq3(ask: Ask): Named {
  const W_up = basis(ask)
  return eachItem(ask, (item) => {
    const A_tilde = item.floats('A_tilde')
    const coefficients = grid(A_tilde.shape, (i, a) => dyadic(A_tilde.at(i, a)))
    const [n, m] = A_tilde.shape
    const scores = grid([n, n], (i, j) => {
      let score: Dyadic = dyadic(0)
      for (let a = 0; a < m; a++) score = sum(score, product(coefficients.at(i, a), W_up.at(a, j)))
      return score
    })
    const kept = Array.from({ length: n }, (_, i) => keptColumns(scores, i, budget(item, n)))
    return new Map<string, Grid<Ball> | Grid<boolean>>([
      ['scores', grid([n, n], (i, j) => exactBall(scores.at(i, j), ask.digits))],
      ['M', grid([n, n], (i, j) => kept[i].has(j))],
    ])
  })
}

function basis(ask: Ask): Grid<Dyadic> {
  const W_up = ask.paramFloats('W_up')
  const threshold = ask.optionalNumber('basis_threshold')
  const smallest = threshold === undefined ? undefined : Math.fround(threshold)
  return grid(W_up.shape, (a, j) => {
    const w = W_up.at(a, j)
    return dyadic(smallest !== undefined && Math.abs(w) <= smallest ? 0 : w)
  })
}

function budget(ask: Ask, n: number): number {
  const asked = ask.optionalNumber('budget') ?? Math.ceil(ask.number('keep_rate') * n)
  return Math.min(asked, n)
}

/** The columns of row i that M keeps. */
function keptColumns(scores: Grid<Dyadic>, i: number, count: number): ReadonlySet<number> {
  const columns = Array.from({ length: scores.shape[1] }, (_, j) => j)
  // a stable sort leaves the lower of equal columns first
  const ranked = columns.toSorted((j, k) => compare(scores.at(i, k), scores.at(i, j)))
  return new Set(ranked.slice(0, count).filter((j) => scores.at(i, j).mantissa !== 0n))
}

function exactBall(x: Dyadic, digits: number): Ball {
  return new Ball(digits, bigNumbers(digits).of(decimalText(x)), NONE)
}
