import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { LayerConfig, Pooling } from './parameters.ts'

/**
 * f(X) = Conv(GELU(LN(DWConv(X)))): the function that makes a pooling mask from a map. STViT Eq. (4), §3.1.
 * X `[.., H, W, C]` → `[.., H, W, o]`; convolutions padded with zeros inside the map, LayerNorm over channels.
 */
export function poolingMask<K extends Kinds>(
  a: Arithmetic<K>,
  X: K['Dense'],
  f: Pooling<K>,
  { eps }: Pick<LayerConfig, 'eps'>,
): K['Dense'] {
  const C = a.shape(X).at(-1) ?? 1
  const features = a.composite('poolingFeatures', { X, dw: f.dw, norm: f.norm, eps }, () => {
    const dw = a.expose('dw', a.convolve(X, f.dw.weight, f.dw.bias, C))
    const norm = a.expose('norm', a.layerNorm(dw, f.norm.weight, f.norm.bias, eps))
    return a.gelu(norm)
  })
  const gelu = a.expose('gelu', features)
  return a.convolve(gelu, f.conv.weight, f.conv.bias, 1)
}
