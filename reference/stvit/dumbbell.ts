import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Layer } from '../layers/parameters.ts'
import { partition } from '../layers/partition.ts'
import { depthOf, layerAt } from '../layers/stacked-layer.ts'
import { unnamed } from '../layers/unnamed.ts'
import { eq1 } from './eq1-initial-cross-attention.ts'
import { stgm, type StgmConfig, type StgmParameters } from './stgm.ts'
import { windowRecovery } from './window-recovery.ts'

/**
 * S⁰ = STGM(X),  S^(l+1) = Layer_l(S^l),  X' = Recovery(X, S^L)
 *
 * STViT §3.3, Fig. 2b: the dumbbell unit, from image tokens to semantic tokens and back.
 * X `[.., H, W, C]` → S `[.., ws·ws, C]`, the semantic tokens after the last layer, and X_out `[.., H, W, C]`.
 *
 * Decided: of the four parts of the figure this is what the paper adds: the layers on image tokens before it are any backbone's.
 * A layer on semantic tokens is Eq. (1) with S for queries, keys and values, global over all ws × ws of them; how many there
 * are is read off the params, which are stacked along their first axis. For the recovery the semantic tokens are the ws × ws
 * map they were pooled as, cut into nw × nw windows like the image; nw = 1 is the global recovery of the authors' code.
 */
export function dumbbell<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  params: { readonly stgm: StgmParameters<K>; readonly semantic: Layer<K>; readonly recovery: Layer<K> },
  config: StgmConfig & { readonly nw: number },
): { S: K['Dense']; X_out: K['Dense'] } {
  const { ws, nw } = config
  let tokens = a.scope('stgm', () => stgm(a, { X }, params.stgm, config)).S
  for (let l = 0; l < depthOf(a, params.semantic); l++) {
    const layer = layerAt(a, params.semantic, l)
    tokens = eq1(unnamed(a), { P: tokens, X: tokens }, layer, config).S
  }
  const S = a.expose('S', tokens)

  const lead = a.shape(X).slice(0, -3)
  const C = a.shape(X).at(-1) ?? 1
  const map = a.reshape(S, [...lead, ws, ws, C])
  const side = ws / nw
  const windows = a.reshape(partition(a, map, side, side), [...lead, nw * nw, side * side, C])
  const { X_out } = a.scope('recovery', () =>
    windowRecovery(unnamed(a, ['X_out']), { X, S: windows }, params.recovery, config),
  )
  return { S, X_out: a.expose('X_out', X_out) }
}
