import { sizeOf, tensor, type Real, type Shape, type Tensor } from '../../reference/tensor.ts'

/** `size` zeros in the same storage as `x`, so that what is planted runs over float32 and over float64 alike. */
export function storageLike({ data }: Pick<Tensor, 'data'>, size: number): Real {
  return data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size)
}

/** A tensor of `shape` in the storage of `x`, each value from its index. */
export function generate(x: Tensor, shape: Shape, value: (index: number) => number): Tensor {
  const data = storageLike(x, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = value(i)
  return tensor(data, shape)
}

/** The same shape and storage with other values. */
export function map(x: Tensor, change: (value: number, index: number) => number): Tensor {
  return generate(x, x.shape, (i) => change(x.data[i], i))
}

/** Every row of the last axis made over, given a copy; `start` is the index of its first element. */
export function mapRows(x: Tensor, change: (row: Float64Array, start: number) => ArrayLike<number>): Tensor {
  const n = x.shape.at(-1) ?? 1
  const data = storageLike(x, x.size)
  for (let start = 0; start < data.length; start += n)
    data.set(change(Float64Array.from(x.data.subarray(start, start + n)), start), start)
  return tensor(data, x.shape)
}
