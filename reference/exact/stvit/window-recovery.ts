import { eachItem, stackedByName, type Ask, type Named } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import { numbersNamed } from '../inside.ts'
import { layer } from '../layer.ts'
import type { Ball } from '../numbers/ball.ts'

/**
 * X̂_i = MHA(X_i, S_i, S_i) + X_i,  X'_i = FFN(X̂_i) + X̂_i for window i of nw·nw          STViT §3.3.
 * X [.., H, W, C], S [.., nw·nw, s, C]; X_hat [.., nw·nw, H/nw·W/nw, C], X_out [.., H, W, C].
 */
export function windowRecovery(ask: Ask): Named {
  return eachItem(ask, (item) => recovered(item, item.input('X'), item.input('S')))
}

/** The recovery of one map X [H, W, C] from S [nw·nw, s, C]. */
export function recovered(item: Ask, X: Grid<Ball>, S: Grid<Ball>): Named {
  const [H, W, C] = X.shape
  const [Nw, s] = S.shape
  const nw = Math.sqrt(Nw)
  const [height, width] = [H / nw, W / nw]
  const answers: Named[] = []
  for (let i = 0; i < Nw; i++) {
    const [top, left] = [Math.floor(i / nw) * height, (i % nw) * width]
    const queries = grid([height * width, C], (t, c) =>
      X.at(top + Math.floor(t / width), left + (t % width), c),
    )
    const keys = grid([s, C], (n, c) => S.at(i, n, c))
    answers.push(layer(item, { queries, keys, residual: queries }, ['X_hat', 'X_out']))
  }
  const windows = answers.map((answer) => numbersNamed(answer, 'X_out'))
  const X_out = grid([H, W, C], (y, x, c) => {
    const window = Math.floor(y / height) * nw + Math.floor(x / width)
    return windows[window].at((y % height) * width + (x % width), c)
  })
  const names = [...answers[0].keys()].filter((name) => name !== 'X_out')
  return new Map<string, Grid<Ball> | Grid<boolean>>([
    ...names.map((name) => [name, stackedByName([Nw], answers, name)] as const),
    ['X_out', X_out],
  ])
}
