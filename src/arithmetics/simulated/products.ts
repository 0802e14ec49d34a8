import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { pairMatrices } from '../../../reference/float32/broadcast.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { ShapeError } from '../../../reference/shape-error.ts'
import { sizeOf, type Real, type Tensor } from '../../../reference/tensor.ts'
import type { Runtime } from './runtime.ts'
import { generate } from './tensors.ts'

/** The dense sums of products. */
export function products(
  runtime: Runtime,
): Pick<Arithmetic<FullKinds>, 'matmul' | 'matmulTransposed' | 'linear'> {
  const multiply = (x: Tensor, y: Tensor, transposed: boolean): Tensor => {
    const operation = transposed ? 'matmulTransposed' : 'matmul'
    const { n, k, m } = matrixSizes(operation, x, y, transposed)
    const { lead, count, first, second } = pairMatrices(operation, x.shape.slice(0, -2), y.shape.slice(0, -2))
    const [a, b] = [operands(runtime, x), operands(runtime, y)]
    const out = new Float64Array(count * n * m)
    for (let i = 0; i < count; i++) {
      const rows = rowsOf(a, first(i) * n * k, n, k)
      const columns = transposed ? rowsOf(b, second(i) * k * m, m, k) : columnsOf(b, second(i) * k * m, k, m)
      let at = i * n * m
      for (const row of rows) for (const column of columns) out[at++] = runtime.dot(row, column, k)
    }
    return generate(runtime, [...lead, n, m], (at) => out[at])
  }
  return {
    matmul: (x, y) => multiply(x, y, false),
    matmulTransposed: (x, y) => multiply(x, y, true),
    linear(x, weight, bias) {
      const k = x.shape.at(-1) ?? 0
      const [m] = weight.shape
      if (x.shape.length === 0 || weight.shape.length !== 2 || weight.shape[1] !== k) {
        throw new ShapeError('linear', 'weight', `[out, ${k}]`, weight.shape)
      }
      if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== m)) {
        throw new ShapeError('linear', 'bias', `[${m}]`, bias.shape)
      }
      const lead = x.shape.slice(0, -1)
      const rows = rowsOf(operands(runtime, x), 0, sizeOf(lead), k)
      const columns = rowsOf(operands(runtime, weight), 0, m, k)
      const sum = biased(runtime, bias?.data, k)
      return generate(runtime, [...lead, m], (at) =>
        sum(rows[Math.floor(at / m)], columns[at % m], k, at % m),
      )
    },
  }
}

/** A sum of products with the bias of output `j` in it: `last`, or `first` as the term 1·bias before all others. */
export function biased(
  runtime: Runtime,
  bias: Real | undefined,
  most: number,
): (x: Float64Array, y: Float64Array, n: number, j: number) => number {
  if (bias === undefined) return (x, y, n) => runtime.dot(x, y, n)
  if (runtime.design.bias === 'last')
    return (x, y, n, j) => runtime.machine.add(runtime.dot(x, y, n), bias[j])
  const [ones, terms] = [new Float64Array(most + 1), new Float64Array(most + 1)]
  ones[0] = 1
  return (x, y, n, j) => {
    ones.set(x.subarray(0, n), 1)
    terms.set(y.subarray(0, n), 1)
    terms[0] = bias[j]
    return runtime.dot(ones, terms, n + 1)
  }
}

/** As the matrix units take them. */
export function operands({ operand }: Runtime, { data }: Tensor): Float64Array {
  return Float64Array.from(data, operand)
}

/** `count` rows of k from `start` on, as views. */
export function rowsOf(x: Float64Array, start: number, count: number, k: number): Float64Array[] {
  return Array.from({ length: count }, (_, i) => x.subarray(start + i * k, start + (i + 1) * k))
}

/** The columns of the `k × m` matrix at `start`. */
export function columnsOf(x: Float64Array, start: number, k: number, m: number): Float64Array[] {
  return Array.from({ length: m }, (_, j) =>
    Float64Array.from({ length: k }, (_row, p) => x[start + p * m + j]),
  )
}

/** `[.., n, k] × [.., k, m]`, or `[.., m, k]` where transposed. */
export function matrixSizes(
  operation: string,
  { shape: x }: Tensor,
  { shape: y }: Tensor,
  transposed: boolean,
): { n: number; k: number; m: number } {
  if (x.length < 2) throw new ShapeError(operation, 'x', '[.., n, k]', x)
  const [n, k] = x.slice(-2)
  const [inner, m] = transposed ? y.slice(-2).toReversed() : y.slice(-2)
  if (y.length < 2 || inner !== k) {
    throw new ShapeError(operation, 'y', transposed ? `[.., m, ${k}]` : `[.., ${k}, m]`, y)
  }
  return { n, k, m }
}
