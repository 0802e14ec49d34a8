import type { Bins } from '../arithmetic.ts'
import { ShapeError } from '../shape-error.ts'
import { sizeOf, tensor, type RealConstructor, type Tensor } from '../tensor.ts'

/**
 * The mean or the largest of each bin of a map, channel by channel: `[.., H, W, C]` → `[.., rows, columns, C]`. The mean is
 * summed in float64 in row-major order and rounded once.
 */
export function pool(Storage: RealConstructor, x: Tensor, bins: Bins, reduction: 'mean' | 'max'): Tensor {
  const { rows, columns } = bins
  const [H, W, C] = x.shape.slice(-3)
  const outside = (extent: number) => (bin: readonly [number, number]) =>
    bin[0] < 0 || bin[1] > extent || bin[0] >= bin[1]
  if (x.shape.length < 3 || rows.some(outside(H)) || columns.some(outside(W))) {
    throw new ShapeError('pool', 'x', '[.., H, W, C] that holds every bin', x.shape)
  }
  const lead = x.shape.slice(0, -3)
  const out = new Storage(sizeOf(lead) * rows.length * columns.length * C)
  const { data } = x
  let at = 0
  for (let batch = 0; batch < sizeOf(lead); batch++) {
    for (const [top, bottom] of rows) {
      for (const [left, right] of columns) {
        const count = (bottom - top) * (right - left)
        for (let c = 0; c < C; c++) {
          let [sum, most] = [0, -Infinity]
          for (let row = top; row < bottom; row++) {
            for (let column = left; column < right; column++) {
              const value = data[((batch * H + row) * W + column) * C + c]
              sum += value
              if (value > most) most = value
            }
          }
          out[at++] = reduction === 'mean' ? sum / count : most
        }
      }
    }
  }
  return tensor(out, [...lead, rows.length, columns.length, C])
}
