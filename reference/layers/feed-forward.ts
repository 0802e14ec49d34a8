import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Layer, LayerConfig } from './parameters.ts'

/**
 * FFN(x) = fc2(GELU(fc1(x))), with the layer's `norm2` before it and `layer_scale_2` after it where it has them.
 * STViT §3.1. x `[.., N, C]` → `[.., N, C]`; fc1 widens to rC. The residual is the caller's.
 */
export function feedForward<K extends Kinds>(
  a: Arithmetic<K>,
  x: K['Dense'],
  { norm2, ffn, layer_scale_2 }: Layer<K>,
  { eps }: Pick<LayerConfig, 'eps'>,
): K['Dense'] {
  const narrowed = a.composite('feedForward', { x, norm: norm2, eps, ...ffn }, () => {
    const widened = a.composite('linearGelu', { x, norm: norm2, eps, linear: ffn.fc1 }, () => {
      const normalised =
        norm2 === undefined ? x : a.expose('norm2', a.layerNorm(x, norm2.weight, norm2.bias, eps))
      const fc1 = a.expose('fc1', a.linear(normalised, ffn.fc1.weight, ffn.fc1.bias))
      return a.gelu(fc1)
    })
    const gelu = a.expose('gelu', widened)
    return a.linear(gelu, ffn.fc2.weight, ffn.fc2.bias)
  })
  const fc2 = a.expose('fc2', narrowed)
  return layer_scale_2 === undefined ? fc2 : a.multiply(fc2, layer_scale_2)
}
