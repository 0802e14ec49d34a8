import type { Kinds } from '../arithmetic.ts'

/** A linear layer: weight `[out, in]`, bias `[out]`. */
export interface Linear<K extends Kinds> {
  readonly weight: K['Dense']
  readonly bias?: K['Dense'] | undefined
}

/** A LayerNorm: weight and bias `[C]`. */
export interface Norm<K extends Kinds> {
  readonly weight: K['Dense']
  readonly bias: K['Dense']
}

/** The projections of multi-head attention, each `[C, C]`. */
export interface Attention<K extends Kinds> {
  readonly q: Linear<K>
  readonly k: Linear<K>
  readonly v: Linear<K>
  readonly proj: Linear<K>
}

/** A transformer layer. Without `norm1`, `norm2` it is the equation as printed; with them it is pre-norm. */
export interface Layer<K extends Kinds> {
  readonly norm1?: Norm<K> | undefined
  readonly attn: Attention<K>
  readonly norm2?: Norm<K> | undefined
  readonly ffn: { readonly fc1: Linear<K>; readonly fc2: Linear<K> }
  /** `[C]`, times the attention output before its residual. */
  readonly layer_scale_1?: K['Dense'] | undefined
  /** `[C]`, times the FFN output before its residual. */
  readonly layer_scale_2?: K['Dense'] | undefined
}

/** The masks' function f: depthwise convolution `[C, 1, kd, kd]`, LayerNorm, GELU, convolution `[o, C, kc, kc]`. */
export interface Pooling<K extends Kinds> {
  readonly dw: Linear<K>
  readonly norm: Norm<K>
  readonly conv: Linear<K>
}

export interface LayerConfig {
  /** Number of attention heads h; divides C. */
  readonly heads: number
  /** ε of every LayerNorm. */
  readonly eps: number
}
