import { sizeOf, type Shape } from '../../../reference/tensor.ts'
import type { Recorder } from '../../program.ts'
import { products } from '../products.ts'
import type { Fused } from './fused.ts'

interface Rules {
  readonly attention: Fused<'attention'>
  readonly projectedAttention: Fused<'projectedAttention'>
  readonly sparseAttention: Fused<'sparseAttention'>
}

/** Rows that one invocation of `attention.wgsl` computes, and columns, as also in `sparse-attention.wgsl`. */
const ROWS = 4
const COLUMNS = 64

/** Softmax and its products, no score stored. */
export function attention(record: Recorder): Rules {
  const { matmul } = products(record)
  const attend: Rules['attention'] = ({ q, k, v, factor }, z) => {
    const [n, d] = q.shape.slice(-2)
    const [m, dv] = v.shape.slice(-2)
    const parts = countOf(z) * Math.ceil(n / ROWS) * Math.ceil(dv / COLUMNS)
    const reads = [q.values, k.values, v.values]
    const matrices = [q, k, v].map(countOf)
    const uniform = [parts, n, m, d, dv, ...matrices, { float: factor }]
    record.dispatch({ kernel: 'attention', reads, uniform, invocations: parts }, [...reads, z.values])
  }
  return {
    attention: attend,
    projectedAttention({ Q, K, V, E, F, factor }, z) {
      attend({ q: Q, k: matmul(E, K), v: matmul(F, V), factor }, z)
    },
    sparseAttention({ M, Q, K, V, factor, normalize }, z) {
      const [n, d] = Q.shape.slice(-2)
      const [m, dv] = V.shape.slice(-2)
      const parts = countOf(z) * n * Math.ceil(dv / COLUMNS)
      const reads = [M.counts, M.columns, Q.values, K.values, V.values]
      const matrices = [M, Q, K, V].map(countOf)
      const uniform = [parts, n, m, d, dv, M.capacity, ...matrices, { float: factor }]
      const constants = { whole: Number(normalize === 'full') }
      const run = { kernel: 'sparse-attention', reads, uniform, constants, invocations: parts }
      record.dispatch(run, [...reads, z.values])
    },
  }
}

/** How many matrices there are. */
function countOf({ shape }: { readonly shape: Shape }): number {
  return sizeOf(shape.slice(0, -2))
}
