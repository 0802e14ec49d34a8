import type { Arithmetic, Kinds } from '../arithmetic.ts'
import type { Linear } from '../layers/parameters.ts'
import { partition } from '../layers/partition.ts'

/**
 * X_n = Σ_(c, r, s) W[·, c, r, s]·image[i·p + r, j·p + s, c] + b + pos_n,  n = i·W/p + j
 *
 * STViT §3: the patch embedding, which it leaves as DeiT has it: a convolution of size p and stride p, which is a linear layer
 * on the p × p patches, and a positional embedding.
 * image `[.., H, W, ch]` (channels last, as everywhere here), weight `[C, ch, p, p]`, bias `[C]` and pos_embed `[N, C]` optional →
 * X `[.., N, C]`, N = H/p·W/p patches in row-major order; p divides H and W. The image tokens alone: no class token.
 */
export function patchEmbedding<K extends Kinds>(
  a: Arithmetic<K>,
  { image }: { image: K['Dense'] },
  { proj, pos_embed }: { readonly proj: Linear<K>; readonly pos_embed?: K['Dense'] | undefined },
): { X: K['Dense'] } {
  const [C, ch, p] = a.shape(proj.weight)
  const cut = partition(a, image, p, p)
  // [.., N, p, p, ch] → [.., N, ch, p, p], the order of the weight
  const channelsFirst = a.swapAxes(a.swapAxes(cut, -1, -2), -2, -3)
  const shape = [...a.shape(cut).slice(0, -3), ch * p * p]
  const patches = a.expose('patches', a.reshape(channelsFirst, shape))

  const tokens = a.linear(patches, a.reshape(proj.weight, [C, ch * p * p]), proj.bias)
  if (pos_embed === undefined) return { X: a.expose('X', tokens) }
  return { X: a.expose('X', a.add(a.expose('embedded', tokens), pos_embed)) }
}
