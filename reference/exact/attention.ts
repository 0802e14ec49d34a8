import type { Ask } from './ask.ts'
import { grid, type Grid } from './grid.ts'
import { linear } from './linear.ts'
import { sum, type Ball } from './numbers/ball.ts'
import { sqrt } from './numbers/functions.ts'
import { softmax } from './softmax.ts'

/** What MHA computes on its way, by the names of the contract. */
export interface Attention {
  readonly q: Grid<Ball>
  readonly k: Grid<Ball>
  readonly v: Grid<Ball>
  readonly scores: Grid<Ball>
  readonly A: Grid<Ball>
  readonly heads: Grid<Ball>
  readonly attn: Grid<Ball>
}

/**
 * MHA(x, y, y): for each head g of h, d = C/h,
 *   scores[g,i,j] = Σₑ q[g,i,e] k[g,j,e] / √d,  A[g,i,·] = softmax over j,  heads[i, g·d + e] = Σⱼ A[g,i,j] v[g,j,e],
 *   attn = heads W_projᵀ + b_proj.
 * Queries x [Nq, C], keys and values y [Nk, C]; q [h, Nq, d], k, v [h, Nk, d], scores, A [h, Nq, Nk], heads, attn [Nq, C].
 * The contract decides: contiguous groups of d channels are heads; biases belong to q, k, v and are not scaled there.
 */
export function attention(ask: Ask, x: Grid<Ball>, y: Grid<Ball>): Attention {
  const h = ask.number('heads')
  const q = splitIntoHeads(linear(ask, 'attn.q', x), h)
  const k = splitIntoHeads(linear(ask, 'attn.k', y), h)
  const v = splitIntoHeads(linear(ask, 'attn.v', y), h)
  const scores = scaledScores(ask, q, k)
  const A = softmaxRows(scores)
  const [, Nq, d] = q.shape
  const Nk = k.shape[1]
  const heads = grid([Nq, h * d], (i, c) => {
    const [g, e] = [Math.floor(c / d), c % d]
    return sum(Nk, (j) => A.at(g, i, j).times(v.at(g, j, e)))
  })
  return { q, k, v, scores, A, heads, attn: linear(ask, 'attn.proj', heads) }
}

/** y[g, i, e] = x[i, g·d + e]: x [N, C] as [h, N, d]. */
export function splitIntoHeads(x: Grid<Ball>, h: number): Grid<Ball> {
  const [N, C] = x.shape
  const d = C / h
  return grid([h, N, d], (g, i, e) => x.at(i, g * d + e))
}

/** Σₑ q[g,i,e] k[g,j,e] / √d: q [h, Nq, d], k [h, Nk, d]; [h, Nq, Nk]. */
export function scaledScores(ask: Ask, q: Grid<Ball>, k: Grid<Ball>): Grid<Ball> {
  const [h, Nq, d] = q.shape
  const root = sqrt(ask.constant(d))
  return grid([h, Nq, k.shape[1]], (g, i, j) =>
    sum(d, (e) => q.at(g, i, e).times(k.at(g, j, e))).dividedBy(root),
  )
}

/** Softmax over the last axis of scores [h, Nq, Nk]. */
export function softmaxRows(scores: Grid<Ball>): Grid<Ball> {
  const [h, Nq, Nk] = scores.shape
  const rows = grid([h, Nq], (g, i) => softmax(Array.from({ length: Nk }, (_, j) => scores.at(g, i, j))))
  return grid(scores.shape, (g, i, j) => rows.at(g, i)[j])
}
