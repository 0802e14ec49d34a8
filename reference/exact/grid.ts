/** An array of any number of axes, row-major; `at` takes one index an axis. */
export interface Grid<T> {
  readonly shape: readonly number[]
  readonly values: readonly T[]
  /** @throws RangeError outside the grid */
  at(...index: number[]): T
}

/** The grid whose value at (i, j, …) is value(i, j, …), computed in row-major order. */
export function grid<T>(shape: readonly number[], value: (...index: number[]) => T): Grid<T> {
  const index = shape.map(() => 0)
  const values: T[] = []
  for (let count = sizeOf(shape); count > 0; count--) {
    values.push(value(...index))
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
  return gridOf(shape, values)
}

/** `values` as a grid of `shape`. */
export function gridOf<T>(shape: readonly number[], values: readonly T[]): Grid<T> {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(
      `grid: expected ${sizeOf(shape)} values for [${shape.join(', ')}], found ${values.length}`,
    )
  }
  return {
    shape,
    values,
    at(...index) {
      let position = 0
      for (let axis = 0; axis < shape.length; axis++) {
        if (!(index[axis] >= 0 && index[axis] < shape[axis])) throw outside(index, shape)
        position = position * shape[axis] + index[axis]
      }
      if (index.length !== shape.length) throw outside(index, shape)
      return values[position]
    },
  }
}

/** The grids one after another along a new leading axis, or several: `lead` of them. */
export function stacked<T>(lead: readonly number[], grids: readonly Grid<T>[]): Grid<T> {
  const values = grids.flatMap((one) => [...one.values])
  return gridOf([...lead, ...grids[0].shape], values)
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1)
}

function outside(index: readonly number[], shape: readonly number[]): RangeError {
  return new RangeError(`grid: expected an index of [${shape.join(', ')}], found [${index.join(', ')}]`)
}
