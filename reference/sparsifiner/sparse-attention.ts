import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { mergeHeads, project } from '../layers/attention.ts'
import type { Attention } from '../layers/parameters.ts'
import { eq1 } from './eq1-low-rank-attention.ts'
import { eq2 } from './eq2-coefficient-threshold.ts'
import { eq3 } from './eq3-connectivity-mask.ts'
import { eq4 } from './eq4-sparse-attention.ts'
import { eq6 } from './eq6-sparse-values.ts'

/** The projections, and the two bases that all heads share. */
interface Params<K extends Kinds> {
  readonly attn: Attention<K>
  readonly W_down: K['Dense']
  readonly W_up: K['Dense']
}

interface Config {
  readonly heads: number
  readonly tau: number
  readonly budget: number
  readonly basis_threshold?: number | undefined
  readonly scale?: number | undefined
  readonly normalize: 'full' | 'masked'
  readonly class_row: 'sparse' | 'dense'
}

/**
 * attn = Concat_heads(A_sparse V) W_projᵀ + b,  A_sparse = M ⊙ Softmax(QKᵀ/√d),  M from Q, K, W_down and W_up
 *
 * Sparsifiner's attention module, §3: Eqs. (1), (2), (3), (4) and (6) on each head of multi-head attention in DeiT's layout.
 * X `[.., n, C]`, W_down, W_up `[m, n]`, projections `[C, C]` → eq3.M `[.., h, nq, n]`, attn `[.., n, C]`; d = C/h.
 * `scale`, 1/√d unless given, is that of Eqs. (1) and (4) both; the other options are those of the equations.
 *
 * `class_row: "sparse"` is the paper, which treats all queries alike: nq = n. With `"dense"`, the authors' way, the class
 * token (row 0) attends to everything and asks for no mask: Eqs. (1) to (6) see the other nq = n − 1 queries, and its
 * row of ones is not a row of M. All n tokens stay keys of all.
 */
export function sparseAttention<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  { attn, W_down, W_up }: Params<K>,
  { heads: h, tau, budget, basis_threshold, scale, normalize, class_row }: Config,
): { M: K['Mask']; attn: K['Dense'] } {
  const q = a.expose('q', project(a, X, attn.q, h))
  const k = a.expose('k', project(a, X, attn.k, h))
  const v = a.expose('v', project(a, X, attn.v, h))

  const [n, d] = a.shape(q).slice(-2)
  const factor = scale ?? 1 / Math.sqrt(d)
  const Q = class_row === 'dense' ? a.slice(q, -2, 1, n) : q
  const predictor = { Q, K: k, W_down, W_up, factor, tau, basis_threshold, budget }
  const M = a.composite('maskPredictor', predictor, () => {
    const { A_down } = a.scope('eq1', () => eq1(a, { Q, K: k }, { W_down }, { scale }))
    const { A_tilde } = a.scope('eq2', () => eq2(a, { A_down }, {}, { tau }))
    return a.scope('eq3', () => eq3(a, { A_tilde: a.expand(A_tilde) }, { W_up }, { budget, basis_threshold }))
      .M
  })
  const X_next = a.composite('sparseAttention', { M, Q, K: k, V: v, factor, normalize }, () => {
    const { A_sparse } = a.scope('eq4', () => eq4(a, { Q, K: k, M }, {}, { scale, normalize }))
    return a.scope('eq6', () => eq6(a, { A_sparse: a.expand(A_sparse), V: v })).X_next
  })

  const rows = class_row === 'dense' ? a.concat([classRow(a, q, k, v, factor), X_next], -2) : X_next
  const heads = a.expose('heads', mergeHeads(a, rows))
  const out = a.expose('attn', a.linear(heads, attn.proj.weight, attn.proj.bias))
  return { M, attn: out }
}

/** Row 0 of plain attention: q, k, v `[.., h, n, d]` → `[.., h, 1, d]`. */
function classRow<K extends Kinds>(
  a: Arithmetic<K>,
  q: K['Dense'],
  k: K['Dense'],
  v: K['Dense'],
  factor: number,
): K['Dense'] {
  return a.scope('class', () => {
    const query = a.slice(q, -2, 0, 1)
    return a.composite('attention', { q: query, k, v, factor }, () => {
      const logits = a.expose('logits', a.scale(a.matmulTransposed(query, k), factor))
      const A = a.expose('A', a.softmax(logits))
      return a.matmul(A, v)
    })
  })
}
