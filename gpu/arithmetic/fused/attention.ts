import { sizeOf, type Shape } from '../../../reference/tensor.ts'
import type { Recorder, Run } from '../../program.ts'
import type { Forms } from '../forms.ts'
import { products, registerTiles, tilesOf } from '../products.ts'
import type { Fused } from './fused.ts'

interface Rules {
  readonly attention: Fused<'attention'>
  readonly projectedAttention: Fused<'projectedAttention'>
  readonly sparseAttention: Fused<'sparseAttention'>
}

/** What a workgroup of `attention-workgroup.wgsl` computes, and the bytes of its memory. */
const TILE = { rows: 64, columns: 64 }
const STORAGE = 27_648
/** Invocations of `sparse-attention-workgroup.wgsl`. */
const ENTRIES = 64
/** Rows that one invocation of `attention.wgsl` computes, and columns at most, as also in `sparse-attention.wgsl`. */
const ROWS = 4
const COLUMNS = 64

/** Softmax and its products, no score stored. */
export function attention(record: Recorder, forms: Forms): Rules {
  const { matmul } = products(record, forms)
  const attend: Rules['attention'] = ({ q, k, v, factor }, z) => {
    const [n, d] = q.shape.slice(-2)
    const [m, dv] = v.shape.slice(-2)
    const reads = [q.values, k.values, v.values]
    const shape = [n, m, d, dv, ...[q, k, v].map(countOf), { float: factor }]
    const dispatch = (run: Run): void => record.dispatch(run, [...reads, z.values])
    if (forms.kernels === 'workgroup' && forms.workgroupStorage >= STORAGE) {
      const sizes = { count: countOf(z), n, m: dv }
      const parts = tilesOf(TILE, sizes)
      const constants = { ...registerTiles(TILE, true), ...wholeVectors(d, dv) }
      const uniform = [parts, ...shape]
      dispatch({ kernel: 'attention-workgroup', reads, uniform, constants, workgroups: parts })
    } else {
      const columns_at_once = dv <= 16 ? 16 : dv <= 32 ? 32 : COLUMNS
      const parts = countOf(z) * Math.ceil(n / ROWS) * Math.ceil(dv / columns_at_once)
      const constants = { columns_at_once }
      dispatch({ kernel: 'attention', reads, uniform: [parts, ...shape], constants, invocations: parts })
    }
  }
  return {
    attention: attend,
    projectedAttention({ Q, K, V, E, F, factor }, z) {
      attend({ q: Q, k: matmul(E, K), v: matmul(F, V), factor }, z)
    },
    sparseAttention({ M, Q, K, V, factor, normalize }, z) {
      const [n, d] = Q.shape.slice(-2)
      const [m, dv] = V.shape.slice(-2)
      const rows = countOf(z) * n
      const reads = [M.counts, M.columns, Q.values, K.values, V.values]
      const shape = [n, m, d, dv, M.capacity, ...[M, Q, K, V].map(countOf), { float: factor }]
      const whole = Number(normalize === 'full')
      const dispatch = (run: Run): void => record.dispatch(run, [...reads, z.values])
      if (forms.kernels === 'workgroup' && dv <= COLUMNS) {
        const constants = { size: ENTRIES, whole, ...wholeVectors(d, dv) }
        const uniform = [rows, ...shape]
        dispatch({ kernel: 'sparse-attention-workgroup', reads, uniform, constants, workgroups: rows })
      } else {
        const parts = rows * Math.ceil(dv / COLUMNS)
        const uniform = [parts, ...shape]
        dispatch({ kernel: 'sparse-attention', reads, uniform, constants: { whole }, invocations: parts })
      }
    },
  }
}

/** Whether rows are whole vectors of four, as kernels of workgroups are told. */
function wholeVectors(d: number, dv: number): { readonly d_fours: number; readonly dv_fours: number } {
  return { d_fours: Number(d % 4 === 0), dv_fours: Number(dv % 4 === 0) }
}

/** How many matrices there are. */
function countOf({ shape }: { readonly shape: Shape }): number {
  return sizeOf(shape.slice(0, -2))
}
