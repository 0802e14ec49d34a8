import type { MaskArray } from '../../reference/evaluator.ts'
import { storageLike } from '../../reference/float32/rows.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../../reference/tensor.ts'

/** The slices `indices` of `x` along `axis`, in that order: a permutation, a cut, a repetition. */
export function take(x: Tensor, axis: number, indices: readonly number[]): Tensor {
  const { shape, from } = gather(x.shape, axis, indices)
  const data = storageLike(x.data, from.length)
  for (let i = 0; i < data.length; i++) data[i] = x.data[from[i]]
  return tensor(data, shape)
}

/** The slices `indices` of a mask along `axis`. */
export function takeMask(
  { shape: whole, data }: MaskArray,
  axis: number,
  indices: readonly number[],
): MaskArray {
  const { shape, from } = gather(whole, axis, indices)
  return { shape, data: Uint8Array.from(from, (index) => data[index]) }
}

function gather(whole: Shape, axis: number, indices: readonly number[]): { shape: Shape; from: Int32Array } {
  const at = axis < 0 ? whole.length + axis : axis
  const inner = sizeOf(whole.slice(at + 1))
  const shape = whole.with(at, indices.length)
  const from = new Int32Array(sizeOf(shape))
  let to = 0
  for (let outer = 0; outer < sizeOf(whole.slice(0, at)); outer++) {
    for (const index of indices) {
      const start = (outer * whole[at] + index) * inner
      for (let i = 0; i < inner; i++) from[to++] = start + i
    }
  }
  return { shape, from }
}

/** The same elements in the same order under another shape. */
export function reshaped({ data }: Tensor, shape: Shape): Tensor {
  return tensor(data, shape)
}

/** `f` of every element, in the same storage. */
export function mapped(x: Tensor, f: (value: number, index: number) => number): Tensor {
  const data = storageLike(x.data, x.size)
  for (let i = 0; i < data.length; i++) data[i] = f(x.data[i], i)
  return tensor(data, x.shape)
}

/** Float32 values by index. */
export function filled(shape: Shape, f: (index: number) => number): Tensor {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, index) => f(index)),
    shape,
  )
}

/** One value everywhere. */
export function constant(shape: Shape, value: number): Tensor {
  return filled(shape, () => value)
}

/** Rounded to multiples of 2⁻¹⁴, so that adding an integer below 2⁹ to it is exact in float32. */
export function quantised(x: Tensor): Tensor {
  return mapped(x, (value) => Math.round(value * 2 ** 14) / 2 ** 14)
}

/** A mask by index. */
export function maskWhere(shape: Shape, kept: (index: number) => boolean): MaskArray {
  return { shape, data: Uint8Array.from({ length: sizeOf(shape) }, (_, index) => Number(kept(index))) }
}

/** 0, 1, …, n − 1. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i)
}

/** The rows of a matrix as lists. */
export function rowsOf({ data, shape }: Tensor | MaskArray): number[][] {
  const width = shape.at(-1) ?? 1
  const rows: number[][] = []
  for (let start = 0; start < data.length; start += width) rows.push([...data.subarray(start, start + width)])
  return rows
}
