import { ShapeError } from '../shape-error.ts'
import { sizeOf, tensor, type RealConstructor, type Tensor } from '../tensor.ts'

/**
 * Cross-correlation, stride 1, zero padding (k − 1)/2 along each axis, in float64, rounded once; bias last.
 * x `[.., H, W, C]`, weight `[o, C/groups, kh, kw]` → `[.., H, W, o]`.
 */
export function convolve(
  Storage: RealConstructor,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  groups: number,
): Tensor {
  const [H, W, C] = x.shape.slice(-3)
  const [o, perGroup, kh, kw] = weight.shape
  if (x.shape.length < 3) throw new ShapeError('convolve', 'x', '[.., H, W, C]', x.shape)
  if (weight.shape.length !== 4 || perGroup * groups !== C || o % groups !== 0) {
    throw new ShapeError(
      'convolve',
      'weight',
      `[o, ${C}/${groups}, kh, kw], o a multiple of ${groups}`,
      weight.shape,
    )
  }
  if (kh % 2 === 0 || kw % 2 === 0)
    throw new ShapeError('convolve', 'weight', 'odd kernel sizes', weight.shape)
  const lead = x.shape.slice(0, -3)
  const out = new Storage(sizeOf(lead) * H * W * o)
  const [top, left, outPerGroup] = [(kh - 1) / 2, (kw - 1) / 2, o / groups]
  const [image, kernel] = [x.data, weight.data]

  let at = 0
  for (let batch = 0; batch < sizeOf(lead); batch++) {
    for (let row = 0; row < H; row++) {
      const [fromY, toY] = [Math.max(0, top - row), Math.min(kh, H + top - row)]
      for (let column = 0; column < W; column++) {
        const [fromX, toX] = [Math.max(0, left - column), Math.min(kw, W + left - column)]
        for (let channel = 0; channel < o; channel++) {
          const firstInput = Math.floor(channel / outPerGroup) * perGroup
          let sum = 0
          for (let c = 0; c < perGroup; c++) {
            const taps = (channel * perGroup + c) * kh
            for (let ky = fromY; ky < toY; ky++) {
              const line = (batch * H + row + ky - top) * W + column - left
              for (let kx = fromX; kx < toX; kx++) {
                sum += image[(line + kx) * C + firstInput + c] * kernel[(taps + ky) * kw + kx]
              }
            }
          }
          out[at++] = bias === undefined ? sum : sum + bias.data[channel]
        }
      }
    }
  }
  return tensor(out, [...lead, H, W, o])
}
