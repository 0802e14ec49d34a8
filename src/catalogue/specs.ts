import type { Sizes } from './dimensions.ts'
import type { Config, ConfigSpec, Draw, ExposedSpec, TensorSpec, Violation } from './schema.ts'

type TensorSpecs = Record<string, TensorSpec>

/** A linear layer's params; the bias is optional. */
export function linear(prefix: string, out: string, inner: string): TensorSpecs {
  return {
    [`${prefix}.weight`]: { dims: [out, inner], fill: 'weight' },
    [`${prefix}.bias`]: { dims: [out], fill: 'bias', optional: true },
  }
}

/** A norm's params; weight and bias come together. */
export function norm(prefix: string, C: string, { optional }: { optional: boolean }): TensorSpecs {
  return {
    [`${prefix}.weight`]: { dims: [C], fill: 'gain', optional, partner: `${prefix}.bias` },
    [`${prefix}.bias`]: { dims: [C], fill: 'bias', optional, partner: `${prefix}.weight` },
  }
}

/** The projections of multi-head attention. */
export const attentionParams: TensorSpecs = {
  ...linear('attn.q', 'C', 'C'),
  ...linear('attn.k', 'C', 'C'),
  ...linear('attn.v', 'C', 'C'),
  ...linear('attn.proj', 'C', 'C'),
}

/** A transformer layer's params. */
export const layerParams: TensorSpecs = {
  ...norm('norm1', 'C', { optional: true }),
  ...attentionParams,
  layer_scale_1: { dims: ['C'], fill: 'layerScale', optional: true },
  ...norm('norm2', 'C', { optional: true }),
  ...linear('ffn.fc1', 'rC', 'C'),
  ...linear('ffn.fc2', 'C', 'rC'),
  layer_scale_2: { dims: ['C'], fill: 'layerScale', optional: true },
}

/** What a transformer layer exposes, with Nq queries, Nk keys, and its two outputs under the equation's names. */
export function layerExposes(Nq: string, Nk: string, hat: string, out: string): Record<string, ExposedSpec> {
  return {
    norm_q: { dims: ['..', Nq, 'C'], needs: 'norm1.weight' },
    norm_kv: { dims: ['..', Nk, 'C'], needs: 'norm1.weight' },
    q: { dims: ['..', 'h', Nq, 'd'] },
    k: { dims: ['..', 'h', Nk, 'd'] },
    v: { dims: ['..', 'h', Nk, 'd'] },
    scores: { dims: ['..', 'h', Nq, Nk] },
    A: { dims: ['..', 'h', Nq, Nk] },
    heads: { dims: ['..', Nq, 'C'] },
    attn: { dims: ['..', Nq, 'C'] },
    [hat]: { dims: ['..', Nq, 'C'], output: true },
    norm2: { dims: ['..', Nq, 'C'], needs: 'norm2.weight' },
    fc1: { dims: ['..', Nq, 'rC'] },
    gelu: { dims: ['..', Nq, 'rC'] },
    fc2: { dims: ['..', Nq, 'C'] },
    [out]: { dims: ['..', Nq, 'C'], output: true },
  }
}

/** Params of the pooling function f, of which the last convolution has `o` channels; kernel sizes get `suffix`. */
export function poolingParams(prefix: string, o: string, suffix: string): TensorSpecs {
  return {
    [`${prefix}dw.weight`]: { dims: ['C', '1', `kd${suffix}`, `kd${suffix}`], fill: 'weight' },
    [`${prefix}dw.bias`]: { dims: ['C'], fill: 'bias', optional: true },
    ...norm(`${prefix}norm`, 'C', { optional: false }),
    [`${prefix}conv.weight`]: { dims: [o, 'C', `kc${suffix}`, `kc${suffix}`], fill: 'weight' },
    [`${prefix}conv.bias`]: { dims: [o], fill: 'bias', optional: true },
  }
}

export const heads: ConfigSpec = { kind: 'integer', min: 1, about: 'attention heads h; must divide C' }
export const eps: ConfigSpec = { kind: 'number', min: 0, default: 1e-6, about: 'ε of every LayerNorm' }
export const scale: ConfigSpec = {
  kind: 'number',
  optional: true,
  about: 'factor of the attention logits; 1/√d unless given',
}

/** h from the config and d = C/h, or what is wrong with the heads. */
export function splitIntoHeads(sizes: Sizes, { heads: h }: Config): Sizes | Violation {
  const C = sizes['C']
  if (typeof h !== 'number' || C % h !== 0) {
    const divisors = Array.from({ length: C }, (_, i) => i + 1).filter((divisor) => C % divisor === 0)
    const nearest = divisors.reduce((best, x) =>
      Math.abs(x - Number(h)) < Math.abs(best - Number(h)) ? x : best,
    )
    return {
      where: 'config.heads',
      expected: `a divisor of C = ${C}`,
      found: `${h}`,
      hint: `nearest: ${nearest}`,
    }
  }
  return { ...sizes, h, d: C / h }
}

/** C for a random case: a few channels for each of the config's heads. */
export function channels(draw: Draw, { heads: h }: Config): number {
  return Number(h) * draw.integer(1, 8)
}

/** C for a random case of several layers or windows: few, which keeps it quick. */
export function fewChannels(draw: Draw, { heads: h }: Config): number {
  return Number(h) * draw.integer(1, 5)
}

/** The kernel sizes people use. */
export function kernel(draw: Draw): number {
  return draw.pick([1, 3, 3, 5])
}
