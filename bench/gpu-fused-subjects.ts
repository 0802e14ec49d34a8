import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import { attend } from '../reference/layers/attention.ts'
import { feedForward } from '../reference/layers/feed-forward.ts'
import { eq1 } from '../reference/sparsifiner/eq1-low-rank-attention.ts'
import { eq2 } from '../reference/sparsifiner/eq2-coefficient-threshold.ts'
import { eq3 } from '../reference/sparsifiner/eq3-connectivity-mask.ts'
import { eq5 } from '../reference/stvit/eq5-inter-window-pooling.ts'
import type { Shape } from '../reference/tensor.ts'

/** A text with composites in it, on tensors of these shapes. */
export interface FusedSubject {
  readonly name: string
  readonly description: string
  readonly shapes: readonly Shape[]
  text<K extends Kinds>(a: Arithmetic<K>, x: readonly K['Dense'][]): K['Dense'] | { readonly M: K['Mask'] }
}

/** DeiT-S: 197 tokens of 384 channels, six heads, the feed-forward network four times as wide. */
const [n, C, h, rC] = [197, 384, 6, 1536]
const d = C / h
/** Its map of 14 × 14 tokens has ws × ws windows of K × K, and kernels of 3 × 3. */
const [side, ws, K] = [14, 4, 4]
const config = { heads: h, eps: 1e-6 }
const factor = 1 / Math.sqrt(d)

const projections: readonly Shape[] = [0, 1, 2, 3].flatMap((): Shape[] => [[C, C], [C]])
/** A map of so many channels, and the params of its two pooling masks. */
export function pooledShapes(width: number): readonly Shape[] {
  const masking = (o: number): Shape[] => [[width, 1, 3, 3], [width], [width], [width], [o, width, 1, 1], [o]]
  return [[side, side, width], ...masking(1), ...masking(K * K)]
}

/** Tokens, a norm, and the layers of a feed-forward network. */
export function networkShapes(tokens: number, width: number, hidden: number): readonly Shape[] {
  return [[tokens, width], [width], [width], [hidden, width], [hidden], [width, hidden], [width]]
}

export const fusedSubjects: readonly FusedSubject[] = [
  {
    name: 'attention',
    description: `attention of ${h} heads of ${d}, n = ${n}, from q, k and v on`,
    shapes: [
      [h, n, d],
      [h, n, d],
      [h, n, d],
    ],
    text: (a, [q, k, v]) => attention(a, q, k, v),
  },
  {
    name: 'attention-layer',
    description: `an attention layer, n = ${n}, C = ${C}, h = ${h}, projections and all`,
    shapes: [[n, C], ...projections],
    text(a, [x, ...params]) {
      const [q, k, v, proj] = [0, 2, 4, 6].map((i) => ({ weight: params[i], bias: params[i + 1] }))
      const [fc1, fc2] = [q, q]
      return attend(a, x, x, { attn: { q, k, v, proj }, ffn: { fc1, fc2 } }, config)
    },
  },
  {
    name: 'norm-linear',
    description: `LayerNorm, a linear layer from ${C} to ${rC} and GELU, n = ${n}`,
    shapes: [[n, C], [C], [C], [rC, C], [rC]],
    text(a, [x, gain, shift, weight, bias]) {
      const [norm, linear] = [
        { weight: gain, bias: shift },
        { weight, bias },
      ]
      return a.composite('linearGelu', { x, norm, eps: config.eps, linear }, () =>
        a.gelu(a.linear(a.layerNorm(x, gain, shift, config.eps), weight, bias)),
      )
    },
  },
  {
    name: 'feed-forward',
    description: `a feed-forward network with its LayerNorm, n = ${n}, C = ${C}, rC = ${rC}`,
    shapes: networkShapes(n, C, rC),
    text: network,
  },
  {
    name: 'mask-predictor',
    description: `Sparsifiner Eqs. 1 to 3, ${h} heads of ${d}, n = ${n}, m = 32, keep rate 0.25`,
    shapes: [
      [h, n, d],
      [h, n, d],
      [32, n],
      [32, n],
    ],
    text(a, [Q, keys, W_down, W_up]) {
      const [tau, budget] = [0.05, Math.ceil(n / 4)]
      const M = a.composite('maskPredictor', { Q, K: keys, W_down, W_up, factor, tau, budget }, () => {
        const { A_down } = eq1(a, { Q, K: keys }, { W_down }, { scale: factor })
        const { A_tilde } = eq2(a, { A_down }, {}, { tau })
        return eq3(a, { A_tilde: a.expand(A_tilde) }, { W_up }, { budget }).M
      })
      return { M }
    },
  },
  {
    name: 'pooling-features',
    description: `depthwise convolution, LayerNorm and GELU in ${ws * ws} windows of ${K} × ${K}, C = ${C}`,
    shapes: [[ws * ws, K, K, C], [C, 1, 3, 3], [C], [C], [C]],
    text(a, [X, weight, bias, gain, shift]) {
      const [dw, norm] = [
        { weight, bias },
        { weight: gain, bias: shift },
      ]
      return a.composite('poolingFeatures', { X, dw, norm, eps: config.eps }, () =>
        a.gelu(a.layerNorm(a.convolve(X, weight, bias, C), gain, shift, config.eps)),
      )
    },
  },
  {
    name: 'softmax-pooling',
    description: `the tokens of ${ws * ws} windows of ${K} × ${K} weighed by a softmax, C = ${C}`,
    shapes: [
      [ws * ws, K * K],
      [ws * ws, K * K, C],
    ],
    text: (a, [logits, tokens]) =>
      a.composite('softmaxPooling', { logits, tokens }, () =>
        a.matmul(a.reshape(a.softmax(logits), [ws * ws, 1, K * K]), tokens),
      ),
  },
  {
    name: 'pooling',
    description: `STViT Eq. 5, a map of ${side} × ${side} tokens into ${ws} × ${ws}, C = ${C}`,
    shapes: pooledShapes(C),
    text: pooled,
  },
]

/** Attention to everything; a composite. */
export function attention<K extends Kinds>(
  a: Arithmetic<K>,
  q: K['Dense'],
  k: K['Dense'],
  v: K['Dense'],
): K['Dense'] {
  return a.composite('attention', { q, k, v, factor }, () =>
    a.matmul(a.softmax(a.scale(a.matmulTransposed(q, k), factor)), v),
  )
}

/** STViT Eq. (5) of `pooledShapes`. */
export function pooled<R extends Kinds>(a: Arithmetic<R>, [X, ...params]: readonly R['Dense'][]): R['Dense'] {
  const [intra, inter] = [params.slice(0, 6), params.slice(6)].map(
    ([dw, shift, gain, offset, conv, bias]) => ({
      dw: { weight: dw, bias: shift },
      norm: { weight: gain, bias: offset },
      conv: { weight: conv, bias },
    }),
  )
  return eq5(a, { X }, { intra, inter }, { ws, eps: config.eps }).P
}

/** LayerNorm and the feed-forward network of `networkShapes`; a composite. */
export function network<R extends Kinds>(
  a: Arithmetic<R>,
  [x, gain, shift, w1, b1, w2, b2]: readonly R['Dense'][],
): R['Dense'] {
  const [fc1, fc2] = [
    { weight: w1, bias: b1 },
    { weight: w2, bias: b2 },
  ]
  const attn = { q: fc1, k: fc1, v: fc1, proj: fc1 }
  return feedForward(a, x, { norm2: { weight: gain, bias: shift }, attn, ffn: { fc1, fc2 } }, config)
}
