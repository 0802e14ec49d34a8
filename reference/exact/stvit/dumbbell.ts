import { eachItem, type Ask, type Named } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import { inside, insideStack, numbersNamed, renamed } from '../inside.ts'
import { layer } from '../layer.ts'
import type { Ball } from '../numbers/ball.ts'
import { generated } from './stgm.ts'
import { recovered } from './window-recovery.ts'

/**
 * S⁰ = STGM(X),  S^(l+1) = layer l of S^l on S^l,  X' recovered from X and S^L          STViT §3.3.
 * X [.., H, W, C]; S [.., ws·ws, C], X_out [.., H, W, C]; `semantic.*` stacked [depth, ..].
 * The contract decides: for the recovery, token a·ws + b of S stands at (a, b) of a ws × ws map in nw × nw windows.
 */
export function dumbbell(ask: Ask): Named {
  const [ws, nw] = [ask.number('ws'), ask.number('nw', 1)]
  const [depth] = ask.param('semantic.attn.q.weight').shape
  return eachItem(ask, (item) => {
    const X = item.input('X')
    const generation = generated(inside(item, 'stgm.', { X }))
    let S = numbersNamed(generation, 'S')
    for (let l = 0; l < depth; l++) {
      const inputs = { queries: S, keys: S, residual: S }
      S = numbersNamed(layer(insideStack(item, 'semantic.', l), inputs, ['S_hat', 'S']), 'S')
    }
    const side = ws / nw
    const windows = grid([nw * nw, side * side, S.shape[1]], (i, n, c) => {
      const row = Math.floor(i / nw) * side + Math.floor(n / side)
      return S.at(row * ws + (i % nw) * side + (n % side), c)
    })
    const recovery = recovered(inside(item, 'recovery.'), X, windows)
    return new Map<string, Grid<Ball> | Grid<boolean>>([
      ...renamed('stgm.', generation, []),
      ['S', S],
      ...renamed('recovery.', recovery, ['X_out']),
      ['X_out', numbersNamed(recovery, 'X_out')],
    ])
  })
}
