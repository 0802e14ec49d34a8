import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { pairMatrices } from '../../../reference/float32/broadcast.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { linearSizes, matrixSizes } from '../../../reference/float32/products.ts'
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
      const { k, m } = linearSizes(x, weight, bias)
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
