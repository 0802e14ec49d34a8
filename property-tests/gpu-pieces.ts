import type { Gpu } from '../gpu/index.ts'
import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import type { Composite } from '../reference/composites.ts'
import { eq1 } from '../reference/sparsifiner/eq1-low-rank-attention.ts'
import { eq2 } from '../reference/sparsifiner/eq2-coefficient-threshold.ts'
import { eq3 } from '../reference/sparsifiner/eq3-connectivity-mask.ts'
import { eq4 } from '../reference/sparsifiner/eq4-sparse-attention.ts'
import { eq6 } from '../reference/sparsifiner/eq6-sparse-values.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import { random } from '../src/random.ts'

/** Three extents, and what the shapes of a computation make of them. */
export interface Extents {
  readonly n: number
  readonly k: number
  readonly m: number
}

/** A computation that has kernels of its own on a GPU, on tensors of any extents. */
export interface Piece {
  shapes(extents: Extents): readonly Shape[]
  compute<K extends Kinds>(a: Arithmetic<K>, x: readonly K['Dense'][]): K['Dense']
}

/** Extents around tiles and workgroups: one, less than a tile, and one either side of a workgroup of 64. */
export const RAGGED: readonly number[] = [1, 3, 63, 65, 197]

/** Normal numbers of unit variance for a piece; those of matrices shrink with the extent that is summed over. */
export function drawnFor(piece: Piece, extents: Extents, seed: number): Tensor[] {
  const stream = random(`gpu-answers/${seed}`)
  return piece.shapes(extents).map((shape) => {
    const spread = shape.length === 2 ? 1 / Math.sqrt(shape[1]) : 1
    const values = Float32Array.from({ length: sizeOf(shape) }, () => spread * stream.normal())
    return tensor(values, shape)
  })
}

/** What the GPU says of a piece. */
export async function answerOf(
  piece: Piece,
  tensors: readonly Tensor[],
  gpu: Gpu,
  fuse: boolean,
): Promise<Tensor> {
  const session = await gpu.session({ fuse })
  try {
    const x = piece.compute(
      session.rules,
      tensors.map((given) => session.dense(given)),
    )
    const [value] = await session.read([{ kind: 'dense', x }])
    if (value.kind !== 'dense') throw new TypeError('no dense tensor')
    return value.tensor
  } finally {
    session.close()
  }
}

const EPS = 1e-6

/** The largest third of every row, none of them zero. */
function third<K extends Kinds>(a: Arithmetic<K>, x: K['Dense']): K['Mask'] {
  return a.topK(a.compress(x), Math.ceil(lastOf(a, x) / 3))
}

/** A mask as zeros and ones. */
function marks<K extends Kinds>(a: Arithmetic<K>, mask: K['Mask'], like: K['Dense']): K['Dense'] {
  return a.expand(a.select(mask, a.exp(a.scale(like, 0))))
}

function lastOf<K extends Kinds>(a: Arithmetic<K>, x: K['Dense']): number {
  return a.shape(x).at(-1) ?? 1
}

function scoreFactor<K extends Kinds>(a: Arithmetic<K>, q: K['Dense']): number {
  return 1 / Math.sqrt(lastOf(a, q))
}

/** Primitives that are more than a line of WGSL. */
export const primitivePieces: Readonly<Record<string, Piece>> = {
  matmul: {
    shapes: ({ n, k, m }) => [
      [2, n, k],
      [2, k, m],
    ],
    compute: (a, [x, y]) => a.matmul(x, y),
  },
  matmulTransposed: {
    shapes: ({ n, k, m }) => [
      [2, n, k],
      [2, m, k],
    ],
    compute: (a, [x, y]) => a.matmulTransposed(x, y),
  },
  linear: {
    shapes: ({ n, k, m }) => [[n, k], [m, k], [m]],
    compute: (a, [x, weight, bias]) => a.linear(x, weight, bias),
  },
  'depthwise convolution': {
    shapes: ({ n, k, m }) => [[2, Math.min(n, 9), Math.min(m, 7), k], [k, 1, 3, 5], [k]],
    compute: (a, [x, weight, bias]) => a.convolve(x, weight, bias, lastOf(a, x)),
  },
  softmax: { shapes: ({ n, m }) => [[n, m]], compute: (a, [x]) => a.softmax(x) },
  logSoftmax: { shapes: ({ n, m }) => [[n, m]], compute: (a, [x]) => a.logSoftmax(x) },
  layerNorm: {
    shapes: ({ n, k }) => [[n, k], [k], [k]],
    compute: (a, [x, weight, bias]) => a.layerNorm(x, weight, bias, EPS),
  },
  mean: { shapes: ({ n, m }) => [[n, m]], compute: (a, [x]) => a.mean(x, 'last') },
  'sum of all': { shapes: ({ n, m }) => [[n, m]], compute: (a, [x]) => a.sum(x, 'all') },
  gelu: { shapes: ({ n, m }) => [[n, m]], compute: (a, [x]) => a.gelu(x) },
  topK: { shapes: ({ n, m }) => [[n, m]], compute: (a, [x]) => marks(a, third(a, x), x) },
  sparseMatmul: {
    shapes: ({ n, k, m }) => [
      [2, n, k],
      [2, k, m],
    ],
    compute: (a, [x, y]) => a.expand(a.sparseMatmul(a.threshold(x, 0), a.thresholdMagnitude(y, 0.5))),
  },
  matmulAt: {
    shapes: ({ n, k, m }) => [
      [2, n, m],
      [2, n, k],
      [2, m, k],
    ],
    compute: (a, [scores, x, y]) => a.expand(a.matmulAt(third(a, scores), x, y)),
  },
  maskedSoftmax: {
    shapes: ({ n, m }) => [[n, m]],
    compute(a, [x]) {
      const mask = third(a, x)
      return a.expand(a.maskedSoftmax(mask, a.select(mask, x)))
    },
  },
}

/** The text of every composite. */
export const compositePieces: Readonly<Record<Composite, Piece>> = {
  attention: {
    shapes: ({ n, k, m }) => [
      [2, n, k],
      [2, m, k],
      [2, m, k],
    ],
    compute(a, [q, k, v]) {
      const factor = scoreFactor(a, q)
      return a.composite('attention', { q, k, v, factor }, () =>
        a.matmul(a.softmax(a.scale(a.matmulTransposed(q, k), factor)), v),
      )
    },
  },
  projectedAttention: {
    shapes: ({ n, k, m }) => [
      [2, n, k],
      [2, n, k],
      [2, n, k],
      [m, n],
      [m, n],
    ],
    compute(a, [Q, K, V, E, F]) {
      const factor = scoreFactor(a, Q)
      return a.composite('projectedAttention', { Q, K, V, E, F, factor }, () =>
        a.matmul(a.softmax(a.scale(a.matmulTransposed(Q, a.matmul(E, K)), factor)), a.matmul(F, V)),
      )
    },
  },
  normLinear: {
    shapes: ({ n, k, m }) => [[n, k], [k], [k], [m, k], [m], [3, k], [3]],
    compute(a, [x, gain, shift, ...params]) {
      const norm = { weight: gain, bias: shift }
      const linears = [0, 2].map((i) => ({ weight: params[i], bias: params[i + 1] }))
      const [y, z] = a.composite('normLinear', { x, norm, eps: EPS, linears }, () => {
        const normalised = a.layerNorm(x, gain, shift, EPS)
        return linears.map(({ weight, bias }) => a.linear(normalised, weight, bias))
      })
      return a.concat([y, z], -1)
    },
  },
  feedForward: {
    shapes: ({ n, k, m }) => [[n, k], [k], [k], [m, k], [m], [k, m], [k]],
    compute(a, [x, gain, shift, w1, b1, w2, b2]) {
      const norm = { weight: gain, bias: shift }
      const [fc1, fc2] = [
        { weight: w1, bias: b1 },
        { weight: w2, bias: b2 },
      ]
      return a.composite('feedForward', { x, norm, eps: EPS, fc1, fc2 }, () =>
        a.linear(a.gelu(a.linear(a.layerNorm(x, gain, shift, EPS), w1, b1)), w2, b2),
      )
    },
  },
  linearGelu: {
    shapes: ({ n, k, m }) => [[n, k], [k], [k], [m, k], [m]],
    compute(a, [x, gain, shift, weight, bias]) {
      const [norm, linear] = [
        { weight: gain, bias: shift },
        { weight, bias },
      ]
      return a.composite('linearGelu', { x, norm, eps: EPS, linear }, () =>
        a.gelu(a.linear(a.layerNorm(x, gain, shift, EPS), weight, bias)),
      )
    },
  },
  maskPredictor: {
    shapes: ({ n, k, m }) => [
      [2, n, k],
      [2, n, k],
      [m, n],
      [m, n],
      [2, n, n],
    ],
    compute(a, [Q, K, W_down, W_up, like]) {
      const [factor, tau, budget] = [scoreFactor(a, Q), 1 / a.shape(W_up)[0], Math.ceil(lastOf(a, W_up) / 3)]
      const M = a.composite('maskPredictor', { Q, K, W_down, W_up, factor, tau, budget }, () => {
        const { A_down } = eq1(a, { Q, K }, { W_down }, { scale: factor })
        const { A_tilde } = eq2(a, { A_down }, {}, { tau })
        return eq3(a, { A_tilde: a.expand(A_tilde) }, { W_up }, { budget }).M
      })
      return marks(a, M, like)
    },
  },
  sparseAttention: {
    shapes: ({ n, k }) => [
      [2, n, n],
      [2, n, k],
      [2, n, k],
      [2, n, k],
    ],
    compute(a, [scores, Q, K, V]) {
      const [M, factor, normalize] = [third(a, scores), scoreFactor(a, Q), 'masked'] as const
      return a.composite('sparseAttention', { M, Q, K, V, factor, normalize }, () => {
        const { A_sparse } = eq4(a, { Q, K, M }, {}, { scale: factor, normalize })
        return eq6(a, { A_sparse: a.expand(A_sparse), V }).X_next
      })
    },
  },
  poolingFeatures: {
    shapes: ({ n, k, m }) => [[2, Math.min(n, 9), Math.min(m, 7), k], [k, 1, 3, 3], [k], [k], [k]],
    compute(a, [X, weight, bias, gain, shift]) {
      const [dw, norm] = [
        { weight, bias },
        { weight: gain, bias: shift },
      ]
      return a.composite('poolingFeatures', { X, dw, norm, eps: EPS }, () =>
        a.gelu(a.layerNorm(a.convolve(X, weight, bias, lastOf(a, X)), gain, shift, EPS)),
      )
    },
  },
  softmaxPooling: {
    shapes: ({ n, k }) => [
      [3, n],
      [3, n, k],
    ],
    compute(a, [logits, tokens]) {
      const [windows, l] = a.shape(logits)
      return a.composite('softmaxPooling', { logits, tokens }, () =>
        a.matmul(a.reshape(a.softmax(logits), [windows, 1, l]), tokens),
      )
    },
  },
}
