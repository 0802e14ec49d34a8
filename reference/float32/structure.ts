import ops from 'ndarray-ops'
import type { Windows } from '../arithmetic.ts'
import { ShapeError } from '../shape-error.ts'
import {
  formatShape,
  sameShape,
  sizeOf,
  tensor,
  type Real,
  type RealConstructor,
  type Shape,
  type Tensor,
} from '../tensor.ts'

/** The same elements in the same order under another shape; the data is shared. */
export function reshape<A extends Real>(x: Tensor<A>, shape: Shape): Tensor<A> {
  if (sizeOf(shape) !== x.size) {
    throw new ShapeError('reshape', 'x', `as many elements as ${formatShape(shape)} has`, x.shape)
  }
  return tensor(x.data, shape)
}

/** `x` with two axes exchanged, as a contiguous copy. */
export function swapAxes(Storage: RealConstructor, x: Tensor, axis: number, other: number): Tensor {
  const order = x.shape.map((_, index) => index)
  const [i, j] = [axisOf('swapAxes', x.shape, axis), axisOf('swapAxes', x.shape, other)]
  order[i] = j
  order[j] = i
  const view = x.transpose(...order)
  const out = tensor(new Storage(x.size), view.shape)
  ops.assign(out, view)
  return out
}

/**
 * Joins tensors along `axis`, in the order given; the other extents are equal. Leading dimensions that only some have
 * are shared by the rest.
 */
export function concat(Storage: RealConstructor, xs: readonly Tensor[], axis: number): Tensor {
  const [first] = xs
  const at = axisOf('concat', first.shape, axis)
  const rest = (shape: Shape): Shape => shape.toSpliced(at, 1)
  for (const x of xs) {
    if (x.shape.length !== first.shape.length || !sameShape(rest(x.shape), rest(first.shape))) {
      throw new ShapeError('concat', 'operand', `${formatShape(first.shape)} but for axis ${at}`, x.shape)
    }
  }
  const extent = xs.reduce((sum, x) => sum + x.shape[at], 0)
  const shape = first.shape.with(at, extent)
  const out = new Storage(sizeOf(shape))
  const outer = sizeOf(shape.slice(0, at))
  const inner = sizeOf(shape.slice(at + 1))
  let start = 0
  for (const x of xs) {
    const run = x.shape[at] * inner
    for (let o = 0; o < outer; o++)
      out.set(x.data.subarray(o * run, (o + 1) * run), o * extent * inner + start)
    start += run
  }
  return tensor(out, shape)
}

/** The places `start` to `end`, the latter excluded, of one axis, as a contiguous copy. */
export function slice(Storage: RealConstructor, x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = axisOf('slice', x.shape, axis)
  const extent = x.shape[at]
  if (!(start >= 0 && start <= end && end <= extent)) {
    throw new ShapeError('slice', 'x', `an axis ${at} that holds ${start} to ${end}`, x.shape)
  }
  const shape = x.shape.with(at, end - start)
  const out = new Storage(sizeOf(shape))
  const outer = sizeOf(x.shape.slice(0, at))
  const inner = sizeOf(x.shape.slice(at + 1))
  const run = (end - start) * inner
  for (let o = 0; o < outer; o++) {
    const from = (o * extent + start) * inner
    out.set(x.data.subarray(from, from + run), o * run)
  }
  return tensor(out, shape)
}

/** `[.., H, W, C]` → `[.., rows·columns, height, width, C]`: the windows of a map, in row-major order. */
export function windows(
  Storage: RealConstructor,
  x: Tensor,
  { rows, columns, height, width }: Windows,
): Tensor {
  if (x.shape.length < 3) throw new ShapeError('windows', 'x', '[.., H, W, C]', x.shape)
  const [H, W, C] = x.shape.slice(-3)
  if (
    rows.some((row) => row < 0 || row + height > H) ||
    columns.some((column) => column < 0 || column + width > W)
  ) {
    throw new ShapeError(
      'windows',
      'x',
      `a map that holds windows of ${height} × ${width} at rows ${rows.join(', ')}, columns ${columns.join(', ')}`,
      x.shape,
    )
  }
  const lead = x.shape.slice(0, -3)
  const out = new Storage(sizeOf(lead) * rows.length * columns.length * height * width * C)
  let at = 0
  for (let batch = 0; batch < sizeOf(lead); batch++) {
    for (const row of rows) {
      for (const column of columns) {
        for (let r = row; r < row + height; r++) {
          const from = ((batch * H + r) * W + column) * C
          out.set(x.data.subarray(from, from + width * C), at)
          at += width * C
        }
      }
    }
  }
  return tensor(out, [...lead, rows.length * columns.length, height, width, C])
}

function axisOf(operation: string, shape: Shape, axis: number): number {
  const at = axis < 0 ? shape.length + axis : axis
  if (at < 0 || at >= shape.length) throw new ShapeError(operation, `axis ${axis}`, 'an axis of x', shape)
  return at
}
