import ndarray from 'ndarray'

/** Storage of real numbers: Float32Array in the reference, Float64Array for truth. */
export type Real = Float32Array | Float64Array
export type RealConstructor = Float32ArrayConstructor | Float64ArrayConstructor

export type Shape = readonly number[]

/**
 * A dense array of reals, row-major. Every tensor that leaves a primitive is contiguous with offset 0, so kernels may
 * walk `data`; views (transposed, broadcast) live only inside a primitive.
 */
export type Tensor<A extends Real = Real> = ndarray.NdArray<A>

/** The number of elements of `shape`; 1 for a scalar, whose shape is []. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const extent of shape) size *= extent
  return size
}

/** Wraps `data` (not copied) as a contiguous row-major tensor of `shape`. */
export function tensor<A extends Real>(data: A, shape: Shape): Tensor<A> {
  return ndarray(data, [...shape])
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis])
}

/** `[2, 3]` as people write it; a scalar is `[]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}
