import type { KernelForm, ProductTile } from '../gpu/arithmetic/forms.ts'
import { PRODUCT_TILES } from '../gpu/arithmetic/products.ts'
import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import { eq4 } from '../reference/sparsifiner/eq4-sparse-attention.ts'
import { eq6 } from '../reference/sparsifiner/eq6-sparse-values.ts'
import type { Shape } from '../reference/tensor.ts'
import { attention, network, networkShapes } from './gpu-fused-subjects.ts'

/** A way of doing the work. */
export interface Way {
  readonly name: string
  readonly fuse: boolean
  /** Those of the adapter, or of the environment, when left out. */
  readonly kernels?: KernelForm
  /** By its size when left out. Asked of no GPU in software, which takes seconds to compile each. */
  readonly tile?: ProductTile | undefined
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
  /** Whether numbers that may differ by a rounding decide what is kept: one element in a thousand may then be another. */
  readonly decides?: true
}

/** Tokens, channels, heads, hidden units, and the tokens of sparse attention. */
export interface PeakSizes {
  readonly n: number
  readonly C: number
  readonly h: number
  readonly rC: number
  readonly many: number
}

/** DeiT-B: 197 tokens of 768 channels, twelve heads of 64, a feed-forward network four times as wide. */
export const DEIT_B: PeakSizes = { n: 197, C: 768, h: 12, rC: 3072, many: 1024 }
/** Set by `--smoke`: tiny sizes, a round each, to see that all of it runs; its figures mean nothing. */
export const SMOKE: boolean = (process.env['TOUCHSTONE_BENCH_SMOKE'] ?? '') !== ''
export const TINY: PeakSizes = { n: 17, C: 16, h: 2, rC: 24, many: 33 }

const EPS = 1e-6
/** Of the keys of sparse attention. */
const KEEP = 0.1
/** Bytes of a number. */
const FLOAT32 = 4

/** What is asked of a GPU: products by its arithmetic, rows by its memory, fused kernels by what they replace. */
export function peakSubjects({ n, C, h, rC, many }: PeakSizes): readonly PeakSubject[] {
  const d = C / h
  const shared = true as const
  const heads = { shape: [h, n, d] }
  return [
    {
      name: 'product',
      description: `a linear layer of ${n} tokens, from ${C} to ${rC}`,
      batch: 64,
      inputs: [{ shape: [n, C] }, { shape: [rC, C], shared }, { shape: [rC], shared }],
      ways: [undefined, ...PRODUCT_TILES.filter(({ kernel }) => kernel === 'product-workgroup')].map(
        (tile): Way => ({
          name: tile === undefined ? 'tiles by size' : `tiles of ${tile.rows} × ${tile.columns}`,
          fuse: true,
          tile,
          compute: (a, [x, weight, bias]) => a.linear(x, weight, bias),
        }),
      ),
      unit: 'TFLOP/s',
      work: (2 * n * C * rC) / 1e12,
      share: 0.4,
    },
    {
      name: 'softmax',
      description: `softmax of ${h} × ${n} rows of ${n}`,
      batch: 256,
      inputs: [{ shape: [h, n, n] }],
      ways: [{ name: 'softmax', fuse: true, compute: (a, [x]) => a.softmax(x) }],
      unit: 'GB/s',
      work: (2 * h * n * n * FLOAT32) / 1e9,
      share: 0.6,
    },
    {
      name: 'layer-norm',
      description: `LayerNorm of ${n} tokens of ${C} channels`,
      batch: 512,
      inputs: [{ shape: [n, C] }, { shape: [C], shared }, { shape: [C], shared }],
      ways: [
        {
          name: 'LayerNorm',
          fuse: true,
          compute: (a, [x, weight, bias]) => a.layerNorm(x, weight, bias, EPS),
        },
      ],
      unit: 'GB/s',
      work: (2 * n * C * FLOAT32) / 1e9,
      share: 0.6,
    },
    {
      name: 'attention',
      description: `attention of ${h} heads of ${d}, n = ${n}`,
      batch: 64,
      inputs: [heads, heads, heads],
      ways: [
        { name: 'fused', fuse: true, compute: (a, [q, k, v]) => attention(a, q, k, v) },
        { name: 'unfused', fuse: false, target: 2, compute: (a, [q, k, v]) => attention(a, q, k, v) },
      ],
      unit: 'runs/s',
      work: 1,
    },
    {
      name: 'network',
      // the kernel of the whole network has room for DeiT-S
      description: `a feed-forward network with its norm, ${n} tokens, ${C / 2} to ${rC / 2}`,
      batch: 64,
      inputs: networkShapes(n, C / 2, rC / 2).map((shape, i) => (i === 0 ? { shape } : { shape, shared })),
      ways: [
        { name: 'fused', fuse: true, compute: network },
        { name: 'unfused', fuse: false, target: 1, compute: network },
      ],
      unit: 'runs/s',
      work: 1,
    },
    {
      name: 'sparse-attention',
      description: `attention to a tenth of n = ${many} keys, a head of ${d}, against attention to all, both fused`,
      batch: 64,
      inputs: [{ shape: [many, many] }, { shape: [many, d] }, { shape: [many, d] }, { shape: [many, d] }],
      mask: (a, [scores]) => a.topK(a.compress(scores), Math.ceil(KEEP * many)),
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
    },
  ]
}
