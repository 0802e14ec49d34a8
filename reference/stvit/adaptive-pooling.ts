import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { adaptiveBins } from '../layers/adaptive-bins.ts'

interface PoolingConfig {
  /** Bins along each axis: the map becomes out × out tokens. */
  readonly out: number
}

/**
 * P_(i·out + j) = mean of X over rows ⌊iH/out⌋ to ⌈(i + 1)H/out⌉ and columns ⌊jW/out⌋ to ⌈(j + 1)W/out⌉, ends excluded
 *
 * STViT §3.1: initial cluster centres by adaptive average pooling, the non-parameterised alternative to Eq. (5).
 * X `[.., H, W, C]` → P `[.., out·out, C]`, bins in row-major order.
 */
export function adaptiveAveragePooling<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  config: PoolingConfig,
): { P: K['Dense'] } {
  return { P: a.expose('P', pooled(a, X, config, 'mean')) }
}

/**
 * P_(i·out + j) = max of X over the bin, channel by channel
 *
 * As adaptive average pooling, with the largest value of each bin in place of its mean: what the authors' code does.
 * X `[.., H, W, C]` → P `[.., out·out, C]`.
 */
export function adaptiveMaxPooling<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  config: PoolingConfig,
): { P: K['Dense'] } {
  return { P: a.expose('P', pooled(a, X, config, 'max')) }
}

function pooled<K extends Kinds>(
  a: Arithmetic<K>,
  X: K['Dense'],
  { out }: PoolingConfig,
  reduction: 'mean' | 'max',
): K['Dense'] {
  const [H, W, C] = a.shape(X).slice(-3)
  const tokens = a.pool(X, adaptiveBins(H, W, out), reduction)
  return a.reshape(tokens, [...a.shape(X).slice(0, -3), out * out, C])
}
