import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import { eq4 } from '../reference/sparsifiner/eq4-sparse-attention.ts'
import { eq6 } from '../reference/sparsifiner/eq6-sparse-values.ts'
import type { Shape } from '../reference/tensor.ts'
import { attention } from './gpu-fused-subjects.ts'

/** A way of doing the work. */
export interface Way {
  readonly name: string
  readonly fuse: boolean
  /** The first way should be at least this many times as fast. */
  readonly target?: number
  compute<K extends Kinds>(a: Arithmetic<K>, x: readonly K['Dense'][], mask?: K['Mask']): K['Dense']
}

/** Work of a size that fills a GPU. */
export interface PeakSubject {
  readonly name: string
  readonly description: string
  /** How many of the shapes below there are on a GPU; one in software. */
  readonly batch: number
  /** Those of one, and with `shared` what all of them share. */
  readonly inputs: readonly { readonly shape: Shape; readonly shared?: true }[]
  /** What is kept, worked out before anything is timed. */
  mask?<K extends Kinds>(a: Arithmetic<K>, x: readonly K['Dense'][]): K['Mask']
  readonly ways: readonly Way[]
  readonly unit: 'TFLOP/s' | 'GB/s' | 'runs/s'
  /** Of one, in that unit, without the time. */
  readonly work: number
  /** The share of the device's peak that should be reached. */
  readonly share?: number
}

const EPS = 1e-6
/** DeiT-B: 197 tokens of 768 channels, twelve heads of 64, a feed-forward network four times as wide. */
const [n, C, h, rC] = [197, 768, 12, 3072]
const d = C / h
/** Bytes of a number. */
const FLOAT32 = 4

const product: PeakSubject = {
  name: 'product',
  description: `a linear layer of DeiT-B, ${n} tokens, from ${C} to ${rC}`,
  batch: 64,
  inputs: [{ shape: [n, C] }, { shape: [rC, C], shared: true }, { shape: [rC], shared: true }],
  ways: [{ name: 'linear', fuse: true, compute: (a, [x, weight, bias]) => a.linear(x, weight, bias) }],
  unit: 'TFLOP/s',
  work: (2 * n * C * rC) / 1e12,
  share: 0.4,
}

const softmax: PeakSubject = {
  name: 'softmax',
  description: `softmax of ${h} × ${n} rows of ${n}`,
  batch: 256,
  inputs: [{ shape: [h, n, n] }],
  ways: [{ name: 'softmax', fuse: true, compute: (a, [x]) => a.softmax(x) }],
  unit: 'GB/s',
  work: (2 * h * n * n * FLOAT32) / 1e9,
  share: 0.6,
}

const layerNorm: PeakSubject = {
  name: 'layer-norm',
  description: `LayerNorm of ${n} tokens of ${C} channels`,
  batch: 512,
  inputs: [{ shape: [n, C] }, { shape: [C], shared: true }, { shape: [C], shared: true }],
  ways: [
    {
      name: 'layerNorm',
      fuse: true,
      compute: (a, [x, weight, bias]) => a.layerNorm(x, weight, bias, EPS),
    },
  ],
  unit: 'GB/s',
  work: (2 * n * C * FLOAT32) / 1e9,
  share: 0.6,
}

const heads: PeakSubject = {
  name: 'attention',
  description: `attention of ${h} heads of ${d}, n = ${n}`,
  batch: 64,
  inputs: [{ shape: [h, n, d] }, { shape: [h, n, d] }, { shape: [h, n, d] }],
  ways: [
    { name: 'fused', fuse: true, compute: (a, [q, k, v]) => attention(a, q, k, v) },
    { name: 'unfused', fuse: false, target: 2, compute: (a, [q, k, v]) => attention(a, q, k, v) },
  ],
  unit: 'runs/s',
  work: 1,
}

const [tokens, KEEP] = [1024, 0.1]
const sparse: PeakSubject = {
  name: 'sparse-attention',
  description: `attention to a tenth of n = ${tokens} keys, heads of ${d}, against attention to all, both fused`,
  batch: 64,
  inputs: [
    { shape: [tokens, tokens] },
    { shape: [tokens, d] },
    { shape: [tokens, d] },
    { shape: [tokens, d] },
  ],
  mask: (a, [scores]) => a.topK(a.compress(scores), Math.ceil(KEEP * tokens)),
  ways: [
    {
      name: `keep rate ${KEEP}`,
      fuse: true,
      compute(a, [, Q, K, V], M) {
        if (M === undefined) throw new TypeError('no mask')
        const [factor, normalize] = [1 / Math.sqrt(d), 'masked'] as const
        return a.composite('sparseAttention', { M, Q, K, V, factor, normalize }, () => {
          const { A_sparse } = eq4(a, { Q, K, M }, {}, { scale: factor, normalize })
          return eq6(a, { A_sparse: a.expand(A_sparse), V }).X_next
        })
      },
    },
    { name: 'dense', fuse: true, target: 1, compute: (a, [, Q, K, V]) => attention(a, Q, K, V) },
  ],
  unit: 'runs/s',
  work: 1,
}

export const peakSubjects: readonly PeakSubject[] = [product, softmax, layerNorm, heads, sparse]
