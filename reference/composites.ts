import type { Kinds } from './arithmetic.ts'
import type { Linear, Norm } from './layers/parameters.ts'

/** What a composite is computed from, and what comes of it. */
interface CompositeOf<Operands, Result> {
  readonly operands: Operands
  readonly result: Result
}

/**
 * The composites: the closed list of parts of an equation that a runtime may compute in one go, never holding what lies between.
 * The text says what each is; a name only says that it is one.
 */
export interface Composites<K extends Kinds> {
  /** `Softmax(q kᵀ·factor) v`: q `[.., n, d]`, k `[.., m, d]`, v `[.., m, dv]` → `[.., n, dv]`. */
  readonly attention: CompositeOf<
    {
      readonly q: K['Dense']
      readonly k: K['Dense']
      readonly v: K['Dense']
      readonly factor: number
    },
    K['Dense']
  >
  /** `x̂ Wᵀ + b` for each linear layer, x̂ the LayerNorm of x where there is a norm: x `[.., in]`, W `[out, in]` → `[.., out]` each. */
  readonly normLinear: CompositeOf<
    {
      readonly x: K['Dense']
      readonly norm?: Norm<K> | undefined
      readonly eps: number
      readonly linears: readonly Linear<K>[]
    },
    readonly K['Dense'][]
  >
  /** `fc2(GELU(fc1(x)))`, of the LayerNorm of x where there is a norm: x `[.., C]` → `[.., C]`. */
  readonly feedForward: CompositeOf<
    {
      readonly x: K['Dense']
      readonly norm?: Norm<K> | undefined
      readonly eps: number
      readonly fc1: Linear<K>
      readonly fc2: Linear<K>
    },
    K['Dense']
  >
  /** `GELU(x Wᵀ + b)`, of the LayerNorm of x where there is a norm: x `[.., in]`, W `[out, in]` → `[.., out]`. */
  readonly linearGelu: CompositeOf<
    {
      readonly x: K['Dense']
      readonly norm?: Norm<K> | undefined
      readonly eps: number
      readonly linear: Linear<K>
    },
    K['Dense']
  >
  /** `Softmax(Q (E K)ᵀ·factor) (F V)`: Q `[.., n, d]`, K, V `[.., m', d]`, E, F `[m, m']` → `[.., n, d]`. */
  readonly projectedAttention: CompositeOf<
    {
      readonly Q: K['Dense']
      readonly K: K['Dense']
      readonly V: K['Dense']
      readonly E: K['Dense']
      readonly F: K['Dense']
      readonly factor: number
    },
    K['Dense']
  >
  /**
   * Sparsifiner Eqs. (1) to (3), the connectivity mask: Q `[.., nq, d]`, K `[.., n, d]`, W_down, W_up `[m, n]` → `[.., nq, n]`.
   */
  readonly maskPredictor: CompositeOf<
    {
      readonly Q: K['Dense']
      readonly K: K['Dense']
      readonly W_down: K['Dense']
      readonly W_up: K['Dense']
      readonly factor: number
      readonly tau: number
      readonly basis_threshold?: number | undefined
      readonly budget: number
    },
    K['Mask']
  >
  /**
   * `(M ⊙ Softmax(Q Kᵀ·factor)) V`, the softmax over the kept entries alone where `normalize` is `masked`:
   * Q `[.., n, d]`, K, V `[.., m, d]`, M `[.., n, m]` → `[.., n, d]`.
   */
  readonly sparseAttention: CompositeOf<
    {
      readonly M: K['Mask']
      readonly Q: K['Dense']
      readonly K: K['Dense']
      readonly V: K['Dense']
      readonly factor: number
      readonly normalize: 'full' | 'masked'
    },
    K['Dense']
  >
  /** `GELU(LN(DWConv(X)))`, the features of a pooling mask: X `[.., H, W, C]` → `[.., H, W, C]`. */
  readonly poolingFeatures: CompositeOf<
    { readonly X: K['Dense']; readonly dw: Linear<K>; readonly norm: Norm<K>; readonly eps: number },
    K['Dense']
  >
  /** `Softmax(logits) tokens`, one row a window: logits `[.., l]`, tokens `[.., l, C]` → `[.., 1, C]`. */
  readonly softmaxPooling: CompositeOf<
    { readonly logits: K['Dense']; readonly tokens: K['Dense'] },
    K['Dense']
  >
}

/** The name of a composite. */
export type Composite = keyof Composites<Kinds>
