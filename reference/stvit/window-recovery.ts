import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Layer, LayerConfig } from '../layers/parameters.ts'
import { assemble, partition } from '../layers/partition.ts'
import { unnamed } from '../layers/unnamed.ts'
import { eq6 } from './eq6-recovery.ts'

/**
 * X̂_i = MHA(X_i, S_i, S_i) + X_i,  X'_i = FFN(X̂_i) + X̂_i          for every window i
 *
 * STViT §3.3: Eq. (6) in windows. The map is cut into nw × nw windows of H/nw × W/nw tokens; those of window i attend to its
 * own s semantic tokens S_i. With nw = 1 it is Eq. (6) on the whole map.
 * X `[.., H, W, C]`, S `[.., nw·nw, s, C]` → X_out `[.., H, W, C]`; nw divides H and W, windows in row-major order.
 */
export function windowRecovery<K extends Kinds>(
  a: Arithmetic<K>,
  { X, S }: { X: K['Dense']; S: K['Dense'] },
  layer: Layer<K>,
  { nw, ...config }: LayerConfig & { readonly nw: number },
): { X_out: K['Dense'] } {
  const [H, W, C] = a.shape(X).slice(-3)
  const lead = a.shape(X).slice(0, -3)
  const [height, width] = [H / nw, W / nw]
  const tokens = a.reshape(partition(a, X, height, width), [...lead, nw * nw, height * width, C])
  const recovered = eq6(unnamed(a, ['X_out']), { X: tokens, S }, layer, config).X_out
  const windows = a.reshape(recovered, [...lead, nw * nw, height, width, C])
  return { X_out: a.expose('X_out', assemble(a, windows, H, W)) }
}
