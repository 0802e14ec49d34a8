import { ShapeError } from '../../../reference/shape-error.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'
import type { Runtime } from './runtime.ts'

/** A tensor of what `f` says of every index, stored. */
export function generate(runtime: Runtime, shape: Shape, f: (index: number) => number): Tensor {
  const data = new Float32Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = runtime.store(f(i))
  return tensor(data, shape)
}

/** What `row` makes of each row of the last axis: it reads `x` and writes `out`, both of that row, in float64 cells. */
export function eachRow(
  runtime: Runtime,
  operation: string,
  x: Tensor,
  row: (x: Float64Array, out: Float64Array, start: number) => void,
): Tensor {
  const n = x.shape.at(-1)
  if (n === undefined) throw new ShapeError(operation, 'x', 'at least one axis', x.shape)
  const data = new Float32Array(x.size)
  const [own, out] = [new Float64Array(n), new Float64Array(n)]
  for (let start = 0; start < data.length; start += n) {
    for (let i = 0; i < n; i++) own[i] = x.data[start + i]
    row(own, out, start)
    for (let i = 0; i < n; i++) data[start + i] = runtime.store(out[i])
  }
  return tensor(data, x.shape)
}
