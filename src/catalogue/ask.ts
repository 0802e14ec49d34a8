import type { Kinds } from '../../reference/arithmetic.ts'
import type { Attention, Layer, Linear, Norm, Pooling } from '../../reference/layers/parameters.ts'
import type { Config } from './schema.ts'

/** What an equation is evaluated on: the question's tensors inside an arithmetic, and its resolved config. */
export interface Ask<K extends Kinds> {
  /** An input, by name; throws if the equation does not have it. */
  input(name: string): K['Dense']
  mask(name: string): K['Mask']
  param(name: string): K['Dense']
  optionalParam(name: string): K['Dense'] | undefined
  number(key: string): number
  optionalNumber(key: string): number | undefined
  choice<C extends string>(key: string, choices: readonly C[]): C
}

/** The accessors over plain records. */
export function ask<K extends Kinds>(
  dense: ReadonlyMap<string, K['Dense']>,
  masks: ReadonlyMap<string, K['Mask']>,
  config: Config,
): Ask<K> {
  const required = <T>(value: T | undefined, name: string): T => {
    if (value === undefined)
      throw new TypeError(`the equation asked for ${name}, which its catalogue entry does not have`)
    return value
  }
  const optionalNumber = (key: string): number | undefined => {
    const value = config[key]
    return typeof value === 'number' ? value : undefined
  }
  return {
    input: (name) => required(dense.get(`input.${name}`), `input.${name}`),
    mask: (name) => required(masks.get(`input.${name}`), `input.${name}`),
    param: (name) => required(dense.get(`param.${name}`), `param.${name}`),
    optionalParam: (name) => dense.get(`param.${name}`),
    number: (key) => required(optionalNumber(key), `config.${key}`),
    optionalNumber,
    choice: (key, choices) =>
      required(
        choices.find((choice) => choice === config[key]),
        `config.${key}`,
      ),
  }
}

/** The linear layer `prefix.weight`, `prefix.bias`. */
export function linearOf<K extends Kinds>(asked: Ask<K>, prefix: string): Linear<K> {
  return { weight: asked.param(`${prefix}.weight`), bias: asked.optionalParam(`${prefix}.bias`) }
}

/** The norm `prefix.weight`, `prefix.bias`, if there. */
export function optionalNormOf<K extends Kinds>(asked: Ask<K>, prefix: string): Norm<K> | undefined {
  const weight = asked.optionalParam(`${prefix}.weight`)
  return weight === undefined ? undefined : { weight, bias: asked.param(`${prefix}.bias`) }
}

/** The q and k projections. */
export function queryAndKeyOf<K extends Kinds>(asked: Ask<K>, prefix = ''): Pick<Attention<K>, 'q' | 'k'> {
  return { q: linearOf(asked, `${prefix}attn.q`), k: linearOf(asked, `${prefix}attn.k`) }
}

/** All four projections. */
export function attentionOf<K extends Kinds>(asked: Ask<K>, prefix = ''): Attention<K> {
  return {
    ...queryAndKeyOf(asked, prefix),
    v: linearOf(asked, `${prefix}attn.v`),
    proj: linearOf(asked, `${prefix}attn.proj`),
  }
}

/** The whole transformer layer, under no prefix or one that ends in a dot. */
export function layerOf<K extends Kinds>(asked: Ask<K>, prefix = ''): Layer<K> {
  return {
    norm1: optionalNormOf(asked, `${prefix}norm1`),
    attn: attentionOf(asked, prefix),
    norm2: optionalNormOf(asked, `${prefix}norm2`),
    ffn: { fc1: linearOf(asked, `${prefix}ffn.fc1`), fc2: linearOf(asked, `${prefix}ffn.fc2`) },
    layer_scale_1: asked.optionalParam(`${prefix}layer_scale_1`),
    layer_scale_2: asked.optionalParam(`${prefix}layer_scale_2`),
  }
}

/** The pooling function `prefixdw.*`, `prefixnorm.*`, `prefixconv.*`; the prefix ends in a dot or is empty. */
export function poolingOf<K extends Kinds>(asked: Ask<K>, prefix: string): Pooling<K> {
  return {
    dw: linearOf(asked, `${prefix}dw`),
    norm: { weight: asked.param(`${prefix}norm.weight`), bias: asked.param(`${prefix}norm.bias`) },
    conv: linearOf(asked, `${prefix}conv`),
  }
}
