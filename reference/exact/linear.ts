import type { Ask } from './ask.ts'
import { grid, type Grid } from './grid.ts'
import { sum, type Ball } from './numbers/ball.ts'

/**
 * yₙₒ = Σ꜀ xₙ꜀ Wₒ꜀ + bₒ, the bias optional.
 * x [N, in], `NAME.weight` W [out, in], `NAME.bias` b [out]; y [N, out].
 */
export function linear(ask: Ask, name: string, x: Grid<Ball>): Grid<Ball> {
  const W = ask.param(`${name}.weight`)
  const b = ask.hasParam(`${name}.bias`) ? ask.param(`${name}.bias`) : undefined
  const [out, inner] = W.shape
  return grid([x.shape[0], out], (n, o) => {
    const product = sum(inner, (c) => x.at(n, c).times(W.at(o, c)))
    return b === undefined ? product : product.plus(b.at(o))
  })
}
