import type { Composite, Composites } from '../../reference/composites.ts'
import { sizeOf, type Shape } from '../../reference/tensor.ts'
import type { Recorder } from '../program.ts'
import type { GpuKinds } from './kinds.ts'
import { products } from './products.ts'

/** Records what computes a composite in one go, into the storages of the result. */
type Fused<N extends Composite> = (
  operands: Composites<GpuKinds>[N]['operands'],
  result: Composites<GpuKinds>[N]['result'],
) => void

/** Rows that one invocation of `attention.wgsl` computes, and columns, as also in `sparse-attention.wgsl`. */
const ROWS = 4
const COLUMNS = 64

/** The composites, each by kernels that do not hold what lies between. */
export function fusedRules(record: Recorder): { readonly [N in Composite]: Fused<N> } {
  const { matmul } = products(record)
  const countOf = ({ shape }: { readonly shape: Shape }): number => sizeOf(shape.slice(0, -2))

  const attention: Fused<'attention'> = ({ q, k, v, factor }, z) => {
    const [n, d] = q.shape.slice(-2)
    const [m, dv] = v.shape.slice(-2)
    const parts = countOf(z) * Math.ceil(n / ROWS) * Math.ceil(dv / COLUMNS)
    const reads = [q.values, k.values, v.values]
    const matrices = [q, k, v].map(countOf)
    const uniform = [parts, n, m, d, dv, ...matrices, { float: factor }]
    record.dispatch({ kernel: 'attention', reads, uniform, invocations: parts }, [...reads, z.values])
  }
  return {
    attention,
    projectedAttention({ Q, K, V, E, F, factor }, z) {
      attention({ q: Q, k: matmul(E, K), v: matmul(F, V), factor }, z)
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
