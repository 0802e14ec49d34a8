import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid, stacked, type Grid } from '../grid.ts'
import { sum, type Ball } from '../numbers/ball.ts'
import { pooling } from '../pooling.ts'
import { softmax } from '../softmax.ts'

/**
 * Mᵢ = f_intra(Xᵢ),  P̂ᵢ = Softmax(Mᵢ)·Xᵢ,  O = f_inter(P̂),  Pᵢ = Softmax(Mᵢ + Oᵢ)·Xᵢ          STViT Eq. (5), §3.1.
 * X [.., H, W, C]; windows Xᵢ [.., ws·ws, Kh, Kw, C]; M, O [.., ws·ws, Kh, Kw]; P_hat [.., ws, ws, C];
 * weights = Softmax(Mᵢ + Oᵢ) [.., ws·ws, Kh·Kw]; P [.., ws·ws, C].
 * The contract decides: Kh = ⌈H/ws⌉, Kw = ⌈W/ws⌉, window (a, b) starts at (⌊a·H/ws⌋, ⌊b·W/ws⌋) and is number a·ws + b;
 * softmax over the tokens of a window; channel y·Kw + x of f_inter at (a, b) is O of window (a, b) at (y, x).
 */
export function eq5(ask: Ask): Named {
  const ws = ask.number('ws')
  return eachItem(ask, (item) => {
    const X = item.input('X')
    const [H, W, C] = X.shape
    const [Kh, Kw] = [Math.ceil(H / ws), Math.ceil(W / ws)]
    const windows = grid([ws * ws, Kh, Kw, C], (i, y, x, c) => {
      const [a, b] = [Math.floor(i / ws), i % ws]
      return X.at(Math.floor((a * H) / ws) + y, Math.floor((b * W) / ws) + x, c)
    })
    const token = (i: number, t: number, c: number): Ball => windows.at(i, Math.floor(t / Kw), t % Kw, c)

    const intra = Array.from({ length: ws * ws }, (_, i) =>
      pooling(
        item,
        'intra.',
        grid([Kh, Kw, C], (y, x, c) => windows.at(i, y, x, c)),
      ),
    )
    const M = grid([ws * ws, Kh, Kw], (i, y, x) => intra[i].conv.at(y, x, 0))
    const first = softmaxPerWindow(M)
    const P_hat = grid([ws, ws, C], (a, b, c) => {
      const i = a * ws + b
      return sum(Kh * Kw, (t) => first.at(i, t).times(token(i, t, c)))
    })

    const inter = pooling(item, 'inter.', P_hat)
    const O = grid([ws * ws, Kh, Kw], (i, y, x) => inter.conv.at(Math.floor(i / ws), i % ws, y * Kw + x))
    const weights = softmaxPerWindow(grid(M.shape, (i, y, x) => M.at(i, y, x).plus(O.at(i, y, x))))
    const P = grid([ws * ws, C], (i, c) => sum(Kh * Kw, (t) => weights.at(i, t).times(token(i, t, c))))

    const all = (step: 'dw' | 'norm' | 'gelu'): Grid<Ball> =>
      stacked(
        [ws * ws],
        intra.map((each) => each[step]),
      )
    return new Map<string, Grid<Ball>>([
      ['windows', windows],
      ['intra.dw', all('dw')],
      ['intra.norm', all('norm')],
      ['intra.gelu', all('gelu')],
      ['M', M],
      ['P_hat', P_hat],
      ['inter.dw', inter.dw],
      ['inter.norm', inter.norm],
      ['inter.gelu', inter.gelu],
      ['O', O],
      ['weights', weights],
      ['P', P],
    ])
  })
}

/** Softmax over the Kh·Kw tokens of each window: [ws·ws, Kh, Kw] to [ws·ws, Kh·Kw]. */
function softmaxPerWindow(logits: Grid<Ball>): Grid<Ball> {
  const [count, Kh, Kw] = logits.shape
  const rows = Array.from({ length: count }, (_, i) =>
    softmax(Array.from({ length: Kh * Kw }, (_token, t) => logits.at(i, Math.floor(t / Kw), t % Kw))),
  )
  return grid([count, Kh * Kw], (i, t) => rows[i][t])
}
