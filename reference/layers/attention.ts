import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Layer, LayerConfig, Linear } from './parameters.ts'

/**
 * MHA(queries, keysAndValues, keysAndValues), with the layer's `norm1` before it and `layer_scale_1` after it where it
 * has them. STViT §3.1; the conventions are DeiT's.
 *
 * queries `[.., Nq, C]`, keysAndValues `[.., Nk, C]` → `[.., Nq, C]`. The residual is the caller's.
 */
export function attend<K extends Kinds>(
  a: Arithmetic<K>,
  queries: K['Dense'],
  keysAndValues: K['Dense'],
  { norm1, attn, layer_scale_1 }: Layer<K>,
  { heads: h, eps }: LayerConfig,
): K['Dense'] {
  const projected = (name: string, x: K['Dense'], linears: readonly Linear<K>[]): readonly K['Dense'][] =>
    a.composite('normLinear', { x, norm: norm1, eps, linears }, () => {
      const norm = norm1 === undefined ? x : a.expose(name, a.layerNorm(x, norm1.weight, norm1.bias, eps))
      return linears.map(({ weight, bias }) => a.linear(norm, weight, bias))
    })
  const [xWq] = projected('norm_q', queries, [attn.q])
  const [xWk, xWv] = projected('norm_kv', keysAndValues, [attn.k, attn.v])

  const q = a.expose('q', splitHeads(a, xWq, h))
  const k = a.expose('k', splitHeads(a, xWk, h))
  const v = a.expose('v', splitHeads(a, xWv, h))

  const factor = scoreScale(a, q)
  const attended = a.composite('attention', { q, k, v, factor }, () => {
    const scores = a.expose('scores', a.scale(a.matmulTransposed(q, k), factor))
    const A = a.expose('A', a.softmax(scores))
    return a.matmul(A, v)
  })
  const heads = a.expose('heads', mergeHeads(a, attended))
  const attn_out = a.expose('attn', a.linear(heads, attn.proj.weight, attn.proj.bias))
  return layer_scale_1 === undefined ? attn_out : a.multiply(attn_out, layer_scale_1)
}

/** 1/√d for heads of width d, the last extent of `q`. */
export function scoreScale<K extends Kinds>(a: Arithmetic<K>, q: K['Dense']): number {
  const d = a.shape(q).at(-1) ?? 1
  return 1 / Math.sqrt(d)
}

/** A linear projection split into heads: `[.., N, C]` → `[.., h, N, d]`. */
export function project<K extends Kinds>(
  a: Arithmetic<K>,
  x: K['Dense'],
  { weight, bias }: Linear<K>,
  h: number,
): K['Dense'] {
  return splitHeads(a, a.linear(x, weight, bias), h)
}

/** `[.., N, C]` → `[.., h, N, d]`, C into h contiguous groups of d = C/h. */
export function splitHeads<K extends Kinds>(a: Arithmetic<K>, x: K['Dense'], h: number): K['Dense'] {
  const shape = a.shape(x)
  const C = shape[shape.length - 1]
  return a.swapAxes(a.reshape(x, [...shape.slice(0, -1), h, C / h]), -3, -2)
}

/** `[.., h, N, d]` → `[.., N, C]`: the inverse of `splitHeads`. */
export function mergeHeads<K extends Kinds>(a: Arithmetic<K>, x: K['Dense']): K['Dense'] {
  const [h, N, d] = a.shape(x).slice(-3)
  return a.reshape(a.swapAxes(x, -3, -2), [...a.shape(x).slice(0, -3), N, h * d])
}
