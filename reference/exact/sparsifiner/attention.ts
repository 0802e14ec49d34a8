import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { softmaxRows, splitIntoHeads } from '../attention.ts'
import { grid, type Grid } from '../grid.ts'
import { linear } from '../linear.ts'
import { sum, type Ball } from '../numbers/ball.ts'
import { signOf, unknown } from '../numbers/sign.ts'
import { softmax } from '../softmax.ts'
import { scaling } from './scale.ts'

/**
 * For each head g of h, d = C/h: Eqs. (1), (2), (3), (4) and (6) of Sparsifiner on q[g], k[g], v[g], then
 *   heads[i, g·d + e] = X_next[g, i, e],  attn = heads W_projᵀ + b_proj.
 * X [.., n, C], W_down, W_up [m, n]; q, k, v [.., h, n, d], eq1.A_down, eq2.A_tilde [.., h, nq, m], eq3.scores, eq3.M,
 * eq4.A_sparse [.., h, nq, n], eq6.X_next [.., h, nq, d], heads, attn [.., n, C].
 * The contract decides: what Eqs. (1) to (4) and (6) decide; with `class_row` "dense" they see the queries but the first
 * (nq = n − 1), which attends to everything (class.A [.., h, 1, n]).
 *
 * The choices of Eqs. (2) and (3) are made on computed numbers. One that the digits cannot make leaves what hangs on it
 * unknown, and so undecided.
 */
export function attention(ask: Ask): Named {
  const [W_down, W_up] = [ask.param('W_down'), basis(ask)]
  const m = W_down.shape[0]
  return eachItem(ask, (item) => {
    const [X, h] = [item.input('X'), item.number('heads')]
    const [q, k, v] = ['q', 'k', 'v'].map((name) => splitIntoHeads(linear(item, `attn.${name}`, X), h))
    const [, n, d] = q.shape
    const scaled = scaling(item, d)
    const first = item.choice('class_row', 'sparse') === 'dense' ? 1 : 0
    const nq = n - first
    /** q[g, i] · y[g, j], scaled. */
    const logit = (g: number, i: number, y: Grid<Ball>, j: number): Ball =>
      scaled(sum(d, (e) => q.at(g, i, e).times(y.at(g, j, e))))

    const K_down = grid([h, m, d], (g, a, e) => sum(n, (j) => W_down.at(a, j).times(k.at(g, j, e))))
    const logits1 = grid([h, nq, m], (g, i, a) => logit(g, i + first, K_down, a))
    const A_down = softmaxRows(logits1)
    const tau = item.constant(Math.fround(item.number('tau', 0.05)))
    const A_tilde = grid([h, nq, m], (g, i, a) => above(A_down.at(g, i, a), tau))
    const scores = grid([h, nq, n], (g, i, j) => sum(m, (a) => A_tilde.at(g, i, a).times(W_up.at(a, j))))
    const choices = grid([h, nq], (g, i) => choose(rowOf(scores, g, i), budget(item, n)))
    const M = grid([h, nq, n], (g, i, j) => choices.at(g, i).kept.has(j))

    const logits4 = grid([h, nq, n], (g, i, j) => logit(g, i + first, k, j))
    const masked = item.choice('normalize', 'full') === 'masked'
    const weights = grid([h, nq], (g, i) => attend(rowOf(logits4, g, i), choices.at(g, i), masked))
    const A_sparse = grid([h, nq, n], (g, i, j) => weights.at(g, i)[j])
    const X_next = grid([h, nq, d], (g, i, e) => sum(n, (j) => A_sparse.at(g, i, j).times(v.at(g, j, e))))

    const named = new Map<string, Grid<Ball> | Grid<boolean>>([
      ...Object.entries({ q, k, v, 'eq1.K_down': K_down, 'eq1.logits': logits1, 'eq1.A_down': A_down }),
      ...Object.entries({ 'eq2.A_tilde': A_tilde, 'eq3.scores': scores }),
      ['eq3.M', M],
      ...Object.entries({ 'eq4.logits': logits4, 'eq4.A_sparse': A_sparse, 'eq6.X_next': X_next }),
    ])
    const classLogits = grid([h, first, n], (g, i, j) => logit(g, i, k, j))
    const classA = softmaxRows(classLogits)
    if (first === 1) named.set('class.logits', classLogits).set('class.A', classA)
    const heads = grid([n, h * d], (i, c) => {
      const [g, e] = [Math.floor(c / d), c % d]
      if (i >= first) return X_next.at(g, i - first, e)
      return sum(n, (j) => classA.at(g, i, j).times(v.at(g, j, e)))
    })
    return named.set('heads', heads).set('attn', linear(item, 'attn.proj', heads))
  })
}

/** W_up, of which entries with |w| ≤ `basis_threshold` (rounded to float32) count as 0. */
function basis(ask: Ask): Grid<Ball> {
  const W_up = ask.paramFloats('W_up')
  const threshold = ask.optionalNumber('basis_threshold')
  const smallest = threshold === undefined ? -1 : Math.fround(threshold)
  return grid(W_up.shape, (a, j) => ask.constant(Math.abs(W_up.at(a, j)) <= smallest ? 0 : W_up.at(a, j)))
}

function budget(ask: Ask, n: number): number {
  return Math.min(ask.optionalNumber('budget') ?? Math.ceil(ask.number('keep_rate') * n), n)
}

function rowOf(x: Grid<Ball>, g: number, i: number): Ball[] {
  return Array.from({ length: x.shape[2] }, (_, j) => x.at(g, i, j))
}

/** x where x > tau, else 0. */
function above(x: Ball, tau: Ball): Ball {
  const sign = signOf(x.minus(tau))
  if (sign === undefined) return unknown(x)
  return sign > 0 ? x : x.constant(0)
}

/** The columns that M keeps of a row, and whether that is certain. */
interface Choice {
  readonly kept: ReadonlySet<number>
  readonly certain: boolean
}

/** The `count` largest, of equal ones the lower column first; of these, zeros are dropped. */
function choose(scores: readonly Ball[], count: number): Choice {
  // a stable sort leaves the lower of equal columns first
  const ranked = scores.map((_, j) => j).toSorted((j, k) => scores[k].value.comparedTo(scores[j].value))
  const [inside, outside] = [ranked.slice(0, count), ranked.slice(count)]
  const certain = inside.every(
    (j) =>
      signOf(scores[j]) !== undefined &&
      outside.every((k) => signOf(scores[j].minus(scores[k])) !== undefined),
  )
  return { kept: new Set(inside.filter((j) => signOf(scores[j]) !== 0)), certain }
}

/** A row of attention at the columns kept. */
function attend(logits: readonly Ball[], { kept, certain }: Choice, masked: boolean): Ball[] {
  const over = logits.map((_, j) => j).filter((j) => !masked || kept.has(j))
  const weights = over.length === 0 ? [] : softmax(over.map((j) => logits[j]))
  const byColumn = new Map(over.map((j, position) => [j, weights[position]]))
  return logits.map((logit, j) => {
    const weight = byColumn.get(j)
    const value = weight !== undefined && kept.has(j) ? weight : logit.constant(0)
    return certain ? value : unknown(value)
  })
}
