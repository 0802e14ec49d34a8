import { eq1 } from '../reference/sparsifiner/eq1-low-rank-attention.ts'
import { eq2 } from '../reference/sparsifiner/eq2-coefficient-threshold.ts'
import { eq3 } from '../reference/sparsifiner/eq3-connectivity-mask.ts'
import { pooled, pooledShapes } from './gpu-fused-subjects.ts'
import type { PeakSizes, PeakSubject, Way } from './gpu-peak-subjects.ts'

/** Projected keys of Sparsifiner, DeiT's. */
const m = 32
const IMAGES = 64

/** Both forms of a kernel: on a GPU the one for GPUs should not be the slower. */
function inForms(compute: Way['compute']): readonly Way[] {
  return [
    { name: 'workgroup', fuse: true, kernels: 'workgroup', compute },
    { name: 'scalar', fuse: true, kernels: 'scalar', target: 1, compute },
  ]
}

/** Kernels that walk rows, in both forms: the form `workgroup` was ranked by what could be reckoned, this measures it. */
export function rowSubjects({ n, C, h }: PeakSizes): readonly PeakSubject[] {
  const d = C / h
  const shared = true as const
  const scores = { shape: [h, n, n] }
  const rows = { batch: IMAGES, unit: 'runs/s', work: 1 } as const
  return [
    {
      ...rows,
      name: 'sum',
      description: `the sum of ${IMAGES} × ${h} × ${n} × ${n} squares`,
      batch: 1,
      inputs: [{ shape: [IMAGES * h, n, n] }],
      ways: inForms((a, [x]) => a.sum(a.multiply(x, x), 'all')),
    },
    {
      ...rows,
      name: 'top-k',
      description: `the largest quarter of ${h} × ${n} rows of ${n}, as whole rows`,
      inputs: [scores],
      ways: inForms((a, [x]) => a.expand(a.select(a.topK(a.compress(x), Math.ceil(n / 4)), x))),
    },
    {
      ...rows,
      name: 'sparse-product',
      description: `${h} × ${n} sparse rows of ${m}, a sixth held, by a basis of ${n} columns`,
      inputs: [{ shape: [h, n, m] }, { shape: [m, n], shared }],
      ways: inForms((a, [x, y]) => a.expand(a.sparseMatmul(a.threshold(x, 1), a.compress(y)))),
    },
    {
      ...rows,
      name: 'mask-predictor',
      description: `Sparsifiner Eqs. 1 to 3, ${h} heads of ${d}, n = ${n}, m = ${m}, as whole rows`,
      inputs: [
        { shape: [h, n, d] },
        { shape: [h, n, d] },
        { shape: [m, n], shared },
        { shape: [m, n], shared },
        scores,
      ],
      decides: true,
      ways: inForms((a, [Q, keys, W_down, W_up, x]) => {
        // basis and tokens are of unit variance: so are the logits then
        const [factor, tau, budget] = [1 / Math.sqrt(d * n), 1 / m, Math.ceil(n / 4)]
        const M = a.composite('maskPredictor', { Q, K: keys, W_down, W_up, factor, tau, budget }, () => {
          const { A_down } = eq1(a, { Q, K: keys }, { W_down }, { scale: factor })
          const { A_tilde } = eq2(a, { A_down }, {}, { tau })
          return eq3(a, { A_tilde: a.expand(A_tilde) }, { W_up }, { budget }).M
        })
        return a.expand(a.select(M, x))
      }),
    },
    {
      ...rows,
      name: 'pooling',
      description: `STViT Eq. 5 of a map of ${pooledShapes(C / 2)[0].join(' × ')}`,
      inputs: pooledShapes(C / 2).map((shape, i) => (i === 0 ? { shape } : { shape, shared })),
      ways: inForms(pooled),
    },
  ]
}
