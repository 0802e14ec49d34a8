import type { Ask } from './ask.ts'
import { grid, type Grid } from './grid.ts'
import { layerNorm } from './layer-norm.ts'
import { sum, type Ball } from './numbers/ball.ts'
import { gelu } from './numbers/functions.ts'

/** What the pooling function f computes, by the names of the contract; `conv` is its result. */
export interface Pooling {
  readonly dw: Grid<Ball>
  readonly norm: Grid<Ball>
  readonly gelu: Grid<Ball>
  readonly conv: Grid<Ball>
}

/**
 * f(X) = conv(GELU(LayerNorm(dw(X)))): a depthwise convolution, a norm over channels, a convolution to o channels.
 *   dw[y,x,c] = Σ_{u,v} X[y+u−r, x+v−r, c] w[c,0,u,v] + b[c],  r = (kd − 1)/2
 *   conv[y,x,o] = Σ_{c,u,v} g[y+u−s, x+v−s, c] w′[o,c,u,v] + b′[o],  s = (kc − 1)/2
 * X [kh, kw, C], `dw.weight` [C, 1, kd, kd], `conv.weight` [o, C, kc, kc], biases optional; dw, norm, gelu [kh, kw, C],
 * conv [kh, kw, o]. The contract decides: cross-correlation, stride 1, zeros outside the map.
 */
export function pooling(ask: Ask, prefix: string, X: Grid<Ball>): Pooling {
  const [kh, kw, C] = X.shape
  const w = ask.param(`${prefix}dw.weight`)
  const dw = grid(X.shape, (y, x, c) =>
    biased(
      ask,
      `${prefix}dw.bias`,
      c,
      window(ask, X, y, x, c, w.shape.slice(2), (u, v) => w.at(c, 0, u, v)),
    ),
  )
  const norm = layerNorm(ask, `${prefix}norm`, dw, ask.number('eps', 1e-6))
  const activated = grid(X.shape, (y, x, c) => gelu(norm.at(y, x, c)))

  const W = ask.param(`${prefix}conv.weight`)
  const conv = grid([kh, kw, W.shape[0]], (y, x, o) => {
    const total = sum(C, (c) => window(ask, activated, y, x, c, W.shape.slice(2), (u, v) => W.at(o, c, u, v)))
    return biased(ask, `${prefix}conv.bias`, o, total)
  })
  return { dw, norm, gelu: activated, conv }
}

/** Σ_{u,v} X[y+u−ru, x+v−rv, c]·weight(u, v) over the positions inside the map, (ru, rv) half the kernel. */
function window(
  ask: Ask,
  X: Grid<Ball>,
  y: number,
  x: number,
  c: number,
  kernel: readonly number[],
  weight: (u: number, v: number) => Ball,
): Ball {
  const [H, W] = X.shape
  const [ru, rv] = kernel.map((size) => (size - 1) / 2)
  let total = ask.constant(0)
  for (let u = 0; u < kernel[0]; u++) {
    for (let v = 0; v < kernel[1]; v++) {
      const [row, column] = [y + u - ru, x + v - rv]
      if (row < 0 || row >= H || column < 0 || column >= W) continue
      total = total.plus(X.at(row, column, c).times(weight(u, v)))
    }
  }
  return total
}

function biased(ask: Ask, name: string, channel: number, x: Ball): Ball {
  return ask.hasParam(name) ? x.plus(ask.param(name).at(channel)) : x
}
