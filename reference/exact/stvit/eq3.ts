import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { scaledScores, softmaxRows, splitIntoHeads } from '../attention.ts'
import { grid, type Grid } from '../grid.ts'
import { concatenated } from '../layer.ts'
import { linear } from '../linear.ts'
import { sum, type Ball } from '../numbers/ball.ts'

/**
 * A = Softmax(A_s + A_g),  A_s = (S¹ W_q)(Concat(S¹, X) W_k)ᵀ/√d,  A_g = (G W_q)(Concat(S¹, X) W_k)ᵀ/√d
 * STViT Eq. (3), §3.1.
 * S1 [.., Ns, C], X [.., Ni, C], G [Ns, C]; q_s [.., h, Ns, d], q_g [h, Ns, d], k [.., h, Ns+Ni, d], and A_s, A_g (both
 * before the softmax), A [.., h, Ns, Ns+Ni].
 * The contract decides: the printed S¹ + X is the concatenation of Eq. (2); the query's bias is in A_s alone; both
 * terms carry 1/√d; there is no norm.
 */
export function eq3(ask: Ask): Named {
  const h = ask.number('heads')
  const q_g = splitIntoHeads(withoutBias(ask.param('G'), ask.param('attn.q.weight')), h)
  const perItem = eachItem(ask, (item) => {
    const [S1, X] = [item.input('S1'), item.input('X')]
    const q_s = splitIntoHeads(linear(item, 'attn.q', S1), h)
    const k = splitIntoHeads(linear(item, 'attn.k', concatenated(S1, X)), h)
    const A_s = scaledScores(item, q_s, k)
    const A_g = scaledScores(item, q_g, k)
    const A = softmaxRows(grid(A_s.shape, (g, i, j) => A_s.at(g, i, j).plus(A_g.at(g, i, j))))
    return new Map(Object.entries({ q_s, k, A_s, A_g, A }))
  })
  const [[first, q_s], ...rest] = perItem
  return new Map([[first, q_s], ['q_g', q_g], ...rest])
}

/** Σ꜀ x[n,c] W[o,c]. */
function withoutBias(x: Grid<Ball>, W: Grid<Ball>): Grid<Ball> {
  const [out, inner] = W.shape
  return grid([x.shape[0], out], (n, o) => sum(inner, (c) => x.at(n, c).times(W.at(o, c))))
}
