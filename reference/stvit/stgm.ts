import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Layer, LayerConfig, Pooling } from '../layers/parameters.ts'
import { unnamed } from '../layers/unnamed.ts'
import { adaptiveAveragePooling, adaptiveMaxPooling } from './adaptive-pooling.ts'
import { eq1 } from './eq1-initial-cross-attention.ts'
import { eq2 } from './eq2-global-cross-attention.ts'
import { eq5 } from './eq5-inter-window-pooling.ts'

export interface StgmParameters<K extends Kinds> {
  /** The masks' functions of Eq. (5), or which adaptive pooling stands in its place. */
  readonly pooling: { readonly intra: Pooling<K>; readonly inter: Pooling<K> } | 'average' | 'max'
  readonly layer1: Layer<K>
  readonly layer2: Layer<K>
  /** The global cluster centres `[ws·ws, C]`. */
  readonly G: K['Dense']
}

export interface StgmConfig extends LayerConfig {
  /** The map becomes ws × ws semantic tokens. */
  readonly ws: number
  readonly residual: 'S1' | 'S1+G'
}

/**
 * P = pooled X,  S¹ = Eq. (1) of P and X,  S² = Eq. (2) of S¹, X and G
 *
 * STViT §3.1: the semantic token generation module of two layers. The centres are pooled by Eq. (5), or without params by
 * adaptive average or max pooling. The image tokens are the map's places in row-major order.
 * X `[.., H, W, C]` → P, S1, S `[.., ws·ws, C]`, S being the paper's S².
 */
export function stgm<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  params: StgmParameters<K>,
  config: StgmConfig,
): { P: K['Dense']; S1: K['Dense']; S: K['Dense'] } {
  const [H, W, C] = a.shape(X).slice(-3)
  const tokens = a.reshape(X, [...a.shape(X).slice(0, -3), H * W, C])

  const P = a.expose('P', centres(a, X, params, config))
  const first = a.scope('layer1', () => eq1(unnamed(a, ['S']), { P, X: tokens }, params.layer1, config))
  const S1 = a.expose('S1', first.S)
  const layer2 = { ...params.layer2, G: params.G }
  const second = a.scope('layer2', () => eq2(unnamed(a, ['S']), { S1, X: tokens }, layer2, config))
  const S = a.expose('S', second.S)
  return { P, S1, S }
}

/** The initial cluster centres `[.., ws·ws, C]`. */
function centres<K extends Kinds>(
  a: Arithmetic<K>,
  X: K['Dense'],
  { pooling }: StgmParameters<K>,
  { ws, eps }: StgmConfig,
): K['Dense'] {
  if (pooling === 'average') return adaptiveAveragePooling(unnamed(a), { X }, { out: ws }).P
  if (pooling === 'max') return adaptiveMaxPooling(unnamed(a), { X }, { out: ws }).P
  return a.scope('pooling', () => eq5(unnamed(a, ['P']), { X }, pooling, { ws, eps })).P
}
