import { tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'

/** The same shape with other values. */
export function map(x: Tensor, f: (value: number, index: number) => number): Tensor {
  const out = new Float64Array(x.size)
  for (let i = 0; i < out.length; i++) out[i] = f(x.data[i], i)
  return tensor(out, x.shape)
}

/** Every row made over. */
export function mapRows(x: Tensor, f: (row: Float64Array, start: number) => ArrayLike<number>): Tensor {
  const width = x.shape.at(-1) ?? 1
  const out = new Float64Array(x.size)
  const from = Float64Array.from(x.data)
  for (let start = 0; start < out.length; start += width) {
    out.set(f(from.subarray(start, start + width), start), start)
  }
  return tensor(out, x.shape)
}

/** Whether an operand is a dense tensor. */
export function isTensor(operand: unknown): operand is Tensor {
  if (typeof operand !== 'object' || operand === null || !('data' in operand)) return false
  return operand.data instanceof Float64Array || operand.data instanceof Float32Array
}

/** The shape of an operand that is a tensor, dense or of entries held; of anything else none. */
export function shapeOf(operand: unknown): Shape {
  if (typeof operand !== 'object' || operand === null) return []
  if ('values' in operand) return shapeOf(operand.values)
  return 'shape' in operand && Array.isArray(operand.shape) ? operand.shape.map(Number) : []
}
