import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { attend } from '../layers/attention.ts'
import { feedForward } from '../layers/feed-forward.ts'
import { keyWindows, type KeyWindows } from '../layers/key-windows.ts'
import type { Layer, LayerConfig } from '../layers/parameters.ts'
import { unnamed } from '../layers/unnamed.ts'
import { eq1 } from './eq1-initial-cross-attention.ts'

/**
 * Ŝ_i = MHA(P_i, X_i, X_i) + P_i,  S_i = FFN(Ŝ_i) + Ŝ_i          for every window i, X_i the tokens of its key window
 *
 * STViT §3.2: Eq. (1) in windows. The map is cut into Nw = H/w × W/w windows of w × w; window i has s centres P_i of its own,
 * and they see the wk × wk tokens around it, wk ≥ w. `keyWindows` says where those lie at the border of the map.
 * X `[.., H, W, C]`, P `[.., Nw, s, C]` → S_hat, S `[.., Nw, s, C]`, windows in row-major order.
 *
 * With `key_windows: "clamped"` all key windows have one size and the windows are a batch of Eq. (1). With `"centred"` those at
 * the border are smaller, so each window attends by itself, and only what follows the attention is one tensor.
 */
export function localCrossAttention<K extends Kinds>(
  a: Arithmetic<K>,
  { X, P }: { X: K['Dense']; P: K['Dense'] },
  layer: Layer<K>,
  config: LayerConfig & { readonly w: number; readonly wk: number; readonly key_windows: KeyWindows },
): { S_hat: K['Dense']; S: K['Dense'] } {
  const [H, W, C] = a.shape(X).slice(-3)
  const lead = a.shape(X).slice(0, -3)
  const [rows, columns] = [keyWindows(H, config), keyWindows(W, config)]

  if (config.key_windows === 'clamped') {
    const [height, width] = [config.wk, config.wk]
    const starts = (windows: typeof rows): number[] => windows.map(([start]) => start)
    const windows = a.windows(X, { rows: starts(rows), columns: starts(columns), height, width })
    const keys = a.reshape(windows, [...lead, rows.length * columns.length, height * width, C])
    return eq1(a, { P, X: a.expose('keys', keys) }, layer, config)
  }

  const attended = rows.flatMap(([top, bottom], i) =>
    columns.map(([left, right], j) => {
      const window = i * columns.length + j
      const seen = a.slice(a.slice(X, -3, top, bottom), -2, left, right)
      const keys = a.reshape(seen, [...lead, 1, (bottom - top) * (right - left), C])
      return attend(unnamed(a), a.slice(P, -3, window, window + 1), keys, layer, config)
    }),
  )
  const S_hat = a.expose('S_hat', a.add(a.concat(attended, -3), P))
  const S = a.expose('S', a.add(feedForward(a, S_hat, layer, config), S_hat))
  return { S_hat, S }
}
