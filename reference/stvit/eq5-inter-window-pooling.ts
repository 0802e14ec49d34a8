import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Pooling } from '../layers/parameters.ts'
import { poolingMask } from '../layers/pooling-mask.ts'
import { poolingWindows } from '../layers/windows.ts'

/**
 * P̂_i = Softmax(M_i)·X_i,  O = f_inter(P̂),  P_i = Softmax(M_i + O_i)·X_i
 *
 * STViT Eq. (5), §3.1: intra- and inter-window pooling of a map into ws × ws initial cluster centres.
 * X `[.., H, W, C]` → M `[.., ws·ws, Kh, Kw]`, P_hat `[.., ws, ws, C]`, O `[.., ws·ws, Kh, Kw]`, P `[.., ws·ws, C]`.
 * M_i is Eq. (4) on window i, X_i its tokens; `poolingWindows` says where the windows lie.
 */
export function eq5<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  { intra, inter }: { readonly intra: Pooling<K>; readonly inter: Pooling<K> },
  { ws, eps }: { readonly ws: number; readonly eps: number },
): { M: K['Dense']; P_hat: K['Dense']; O: K['Dense']; P: K['Dense'] } {
  const [H, W, C] = a.shape(X).slice(-3)
  const lead = a.shape(X).slice(0, -3)
  const layout = poolingWindows(H, W, ws)
  const [Kh, Kw] = [layout.height, layout.width]

  const windows = a.expose('windows', a.windows(X, layout))
  const tokens = a.reshape(windows, [...lead, ws * ws, Kh * Kw, C])
  const flat = [...lead, ws * ws, Kh * Kw]
  const rows = [...lead, ws * ws, 1, Kh * Kw]

  const intraMask = a.scope('intra', () => poolingMask(a, windows, intra, { eps }))
  const M = a.expose('M', a.reshape(intraMask, [...lead, ws * ws, Kh, Kw]))
  const pooled = a.composite('softmaxPooling', { logits: a.reshape(M, flat), tokens }, () =>
    a.matmul(a.softmax(a.reshape(M, rows)), tokens),
  )
  const P_hat = a.expose('P_hat', a.reshape(pooled, [...lead, ws, ws, C]))

  const interMask = a.scope('inter', () => poolingMask(a, P_hat, inter, { eps }))
  const O = a.expose('O', a.reshape(interMask, [...lead, ws * ws, Kh, Kw]))
  const logits = a.reshape(a.add(M, O), flat)
  const weighed = a.composite('softmaxPooling', { logits, tokens }, () => {
    const weights = a.expose('weights', a.softmax(logits))
    return a.matmul(a.reshape(weights, rows), tokens)
  })
  const P = a.expose('P', a.reshape(weighed, [...lead, ws * ws, C]))
  return { M, P_hat, O, P }
}
