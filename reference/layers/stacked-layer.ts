import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Layer, Linear, Norm } from './parameters.ts'

/** How many layers a stack holds: the extent of the first axis, which every param of it has. */
export function depthOf<K extends Kinds>(a: Arithmetic<K>, stack: Layer<K>): number {
  return a.shape(stack.attn.q.weight)[0]
}

/** Layer `i` of a stack: of every param its slice `i`, that axis gone. */
export function layerAt<K extends Kinds>(a: Arithmetic<K>, stack: Layer<K>, i: number): Layer<K> {
  const at = (x: K['Dense']): K['Dense'] => a.reshape(a.slice(x, 0, i, i + 1), a.shape(x).slice(1))
  const maybe = (x: K['Dense'] | undefined): K['Dense'] | undefined => (x === undefined ? x : at(x))
  const linear = ({ weight, bias }: Linear<K>): Linear<K> => ({ weight: at(weight), bias: maybe(bias) })
  const norm = (x: Norm<K> | undefined): Norm<K> | undefined =>
    x === undefined ? x : { weight: at(x.weight), bias: at(x.bias) }
  const { norm1, attn, norm2, ffn, layer_scale_1, layer_scale_2 } = stack
  return {
    norm1: norm(norm1),
    attn: { q: linear(attn.q), k: linear(attn.k), v: linear(attn.v), proj: linear(attn.proj) },
    norm2: norm(norm2),
    ffn: { fc1: linear(ffn.fc1), fc2: linear(ffn.fc2) },
    layer_scale_1: maybe(layer_scale_1),
    layer_scale_2: maybe(layer_scale_2),
  }
}
