import { eachItem, type Ask, type Named } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'

/**
 * X[n, o] = Σ_{c,r,s} W[o,c,r,s] image[⌊n/nW⌋·p + r, (n mod nW)·p + s, c] + b[o] + pos[n, o],  nW = W/p          STViT §3.
 * image [.., H, W, ch], `proj.weight` [C, ch, p, p], `proj.bias` [C], `pos_embed` [N, C], both optional; X [.., N, C];
 * patches [.., N, ch·p·p] with c slowest and s fastest; embedded, before positions, where there are any.
 */
export function patchEmbedding(ask: Ask): Named {
  const weight = ask.param('proj.weight')
  const [C, ch, p] = weight.shape
  return eachItem(ask, (item) => {
    const image = item.input('image')
    const [H, W] = image.shape
    const across = W / p
    const N = (H / p) * across
    const patches = grid([N, ch * p * p], (n, t) => {
      const [c, r, s] = [Math.floor(t / p / p), Math.floor(t / p) % p, t % p]
      return image.at(Math.floor(n / across) * p + r, (n % across) * p + s, c)
    })
    const embedded = grid([N, C], (n, o) => {
      const product = sum(ch * p * p, (t) =>
        patches.at(n, t).times(weight.at(o, Math.floor(t / p / p), Math.floor(t / p) % p, t % p)),
      )
      return item.hasParam('proj.bias') ? product.plus(item.param('proj.bias').at(o)) : product
    })
    if (!item.hasParam('pos_embed')) return new Map(Object.entries({ patches, X: embedded }))
    const positions = item.param('pos_embed')
    const X = grid([N, C], (n, o) => embedded.at(n, o).plus(positions.at(n, o)))
    return new Map(Object.entries({ patches, embedded, X }))
  })
}
