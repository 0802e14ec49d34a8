import { sizeOf, tensor, type Shape, type Tensor } from '../../reference/tensor.ts'
import { given, stored, type Running, type Storage } from './running.ts'

/** A row-major array of numbers with their errors. */
export interface RunningArray {
  readonly shape: Shape
  readonly items: readonly Running[]
}

/** An array by index, one coordinate an axis. */
export function arrayOf(shape: Shape, item: (...index: number[]) => Running): RunningArray {
  const items = Array.from({ length: sizeOf(shape) }, (_, flat) => item(...coordinates(flat, shape)))
  return { shape, items }
}

/** A tensor of floats, exactly. */
export function exactArray({
  shape,
  data,
}: {
  readonly shape: Shape
  readonly data: ArrayLike<number>
}): RunningArray {
  return { shape, items: Array.from(data, given) }
}

/** Every element rounded once, as it leaves a primitive. */
export function storedArray({ shape, items }: RunningArray, storage: Storage): RunningArray {
  return { shape, items: items.map((item) => stored(item, storage)) }
}

/** The values alone, rounded to float64. */
export function valuesOf({ shape, items }: RunningArray): Tensor {
  return tensor(
    Float64Array.from(items, ({ value }) => value.toNumber()),
    shape,
  )
}

/** The element of `x` at `index`; where `x` has fewer axes, the leading coordinates do not concern it. */
export function at({ shape, items }: RunningArray, index: readonly number[]): Running {
  const own = index.slice(index.length - shape.length)
  return items[own.reduce((flat, i, axis) => flat * shape[axis] + i, 0)]
}

/** `axis` counted from the front. */
export function axisOf(shape: Shape, axis: number): number {
  return axis < 0 ? shape.length + axis : axis
}

/** The rows along the last axis. */
export function rowsOf({ shape, items }: RunningArray): (readonly Running[])[] {
  const width = shape[shape.length - 1]
  return Array.from({ length: items.length / width }, (_, row) => items.slice(row * width, (row + 1) * width))
}

/** The longer of two shapes, of which the shorter is a suffix. */
export function joint(x: Shape, y: Shape): Shape {
  return x.length >= y.length ? x : y
}

function coordinates(flat: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length)
  let rest = flat
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]
    rest = Math.floor(rest / shape[axis])
  }
  return index
}
