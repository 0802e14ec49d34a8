import { sizeOf } from '../../../reference/tensor.ts'
import type { Recorder } from '../../program.ts'
import { overRows, type Forms } from '../forms.ts'
import { products } from '../products.ts'
import type { Fused } from './fused.ts'

/** Sparsifiner Eqs. (1) to (3): the keys are projected first, all else is one pass over the queries. */
export function maskPredictor(
  record: Recorder,
  forms: Forms,
): { readonly maskPredictor: Fused<'maskPredictor'> } {
  const { matmul } = products(record, forms)
  return {
    maskPredictor({ Q, K, W_down, W_up, factor, tau, basis_threshold = 0, budget }, M) {
      const K_down = matmul(W_down, K)
      const [nq, d] = Q.shape.slice(-2)
      const [m, n] = W_up.shape
      const rows = sizeOf(M.shape) / n
      const scratch = [rows * m, rows * m, rows * n].map((words) => record.allocate(words))
      const matrices = [Q, K_down].map(({ shape }) => sizeOf(shape.slice(0, -2)))
      const run = {
        ...overRows(forms, 'mask-predictor', rows),
        reads: [Q.values, K_down.values, W_up.values],
        uniform: [
          rows,
          nq,
          d,
          m,
          n,
          ...matrices,
          Math.min(budget, n),
          M.capacity,
          ...[factor, tau, basis_threshold].map((float) => ({ float })),
        ],
        ...(forms.kernels === 'workgroup' && { constants: { d_fours: Number(d % 4 === 0) } }),
      }
      record.dispatch(run, [...run.reads, ...scratch, M.counts, M.columns])
    },
  }
}
