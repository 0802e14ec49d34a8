import { ShapeError } from '../shape-error.ts'
import { sizeOf, tensor, type RealConstructor, type Tensor } from '../tensor.ts'

type Reduction = (x: Tensor, over: 'last' | 'all') => Tensor

/** Sums and means, in float64 in ascending order, rounded once. */
export function reductions(Storage: RealConstructor): { sum: Reduction; mean: Reduction } {
  const reduce = (
    operation: 'sum' | 'mean',
    x: Tensor,
    over: 'last' | 'all',
    finish: (sum: number, n: number) => number,
  ): Tensor => {
    if (over === 'last' && x.shape.length === 0) {
      throw new ShapeError(operation, 'x', 'at least one axis', x.shape)
    }
    const shape = over === 'last' ? x.shape.slice(0, -1) : []
    const out = new Storage(sizeOf(shape))
    const n = x.size / out.length
    for (let row = 0; row < out.length; row++) {
      let sum = 0
      for (let i = row * n; i < (row + 1) * n; i++) sum += x.data[i]
      out[row] = finish(sum, n)
    }
    return tensor(out, shape)
  }
  return {
    sum: (x, over) => reduce('sum', x, over, (sum) => sum),
    mean: (x, over) => reduce('mean', x, over, (sum, n) => sum / n),
  }
}
