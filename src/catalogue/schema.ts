import type { Arithmetic, Kinds } from '../../reference/arithmetic.ts'
import type { Shape } from '../../reference/tensor.ts'
import type { Ask } from './ask.ts'
import type { Sizes } from './dimensions.ts'

/** How the sampler fills a tensor. */
export type Fill =
  /** N(0, 1): tokens, queries, keys, values, logits. */
  | 'tokens'
  /** N(0, 1/fan_in). */
  | 'weight'
  /** The same for each layer of a stack, along the first axis. */
  | 'weights'
  /** N(0, 0.1²). */
  | 'bias'
  /** 1 + N(0, 0.1²): the weight of a norm. */
  | 'gain'
  /** 0.1 + N(0, 0.05²): a trained LayerScale. */
  | 'layerScale'
  /** Softmax of N(0, 2²) along the last axis. */
  | 'probabilities'
  /** Probabilities of which those ≤ 0.05 are 0. */
  | 'coefficients'
  /** N(0, 0.03²): a basis of which the thresholds of the paper bite. */
  | 'basis'
  /** Ones with a density of about a quarter, some rows empty. */
  | 'mask'
  /** One-hot or smoothed labels. */
  | 'target'
  /** |N(0, 1)|: a loss. */
  | 'scalar'

/** An option and the choice it must have: `['class_row', 'dense']`. */
export type Condition = readonly [key: string, choice: string]

/** A tensor of the contract. */
export interface TensorSpec {
  /** Symbolic extents; `..` stands for any leading dimensions: `['..', 'Ns', 'C']`. */
  readonly dims: readonly string[]
  readonly kind?: 'dense' | 'mask'
  readonly fill: Fill
  readonly optional?: boolean
  /** The tensor it must come with: a norm's weight and bias. */
  readonly partner?: string
  /** The option it belongs to; with any other choice it cannot be asked. */
  readonly when?: Condition
}

/** A tensor that evaluating the equation gives a name to. */
export interface ExposedSpec {
  readonly dims: readonly string[]
  readonly kind?: 'dense' | 'mask'
  /** An output of the equation; else a documented intermediate. */
  readonly output?: boolean
  /** The param without which it does not come about: `norm_q` needs `norm1.weight`. */
  readonly needs?: string
  /** The option without which it does not come about. */
  readonly when?: Condition
  /** The mask, an input or itself exposed, outside which its values mean nothing. */
  readonly judgedAt?: string
  /** The paper gives it by another equation too, so that a runtime need not have come to it through the tensors it shows. */
  readonly otherWay?: boolean
}

export type ConfigValue = number | string

/** A config key of the contract. */
export type ConfigSpec = {
  readonly about: string
  /** Without a default, a key that is not optional is required. */
  readonly optional?: boolean
} & (
  | { readonly kind: 'integer'; readonly min: number; readonly default?: number }
  | {
      readonly kind: 'number'
      readonly min?: number
      readonly max?: number
      /** Whether `min` itself is excluded. */
      readonly above?: boolean
      readonly default?: number
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default: string }
)

export type Config = Readonly<Record<string, ConfigValue>>

/** What does not hold of a question whose tensors fit one by one. */
export interface Violation {
  /** `config.heads`, `param.dw.weight`. */
  readonly where: string
  readonly expected: string
  readonly found: string
  readonly hint?: string
}

/** A random source of sizes and options for the sampler. */
export interface Draw {
  integer(min: number, max: number): number
  pick<T>(items: readonly T[]): T
}

/** One equation of the catalogue: everything the commands, tests and docs know of it. */
export interface Equation {
  /** `stvit/eq1`. */
  readonly id: string
  readonly title: string
  /** `STViT Eq. (1), §3.1`. */
  readonly source: string
  /** The file of its text. */
  readonly file: string
  readonly inputs: Readonly<Record<string, TensorSpec>>
  readonly params: Readonly<Record<string, TensorSpec>>
  readonly config: Readonly<Record<string, ConfigSpec>>
  /** In order of computing, outputs among them. */
  readonly exposes: Readonly<Record<string, ExposedSpec>>
  /** Config keys of which exactly one must be given. */
  readonly oneOf?: readonly string[]
  /** Names of params that people expect here but that cannot be asked, and why. */
  readonly refuses?: Readonly<Record<string, string>>
  /**
   * Completes sizes with what follows from inputs and config (d = C/h), before params are matched; or says what is
   * wrong with them.
   */
  derive?(sizes: Sizes, config: Config): Sizes | Violation
  /** Completes the config with what follows from sizes (`keep_rate` → `budget`), after everything was matched. */
  resolve?(config: Config, sizes: Sizes): Config | Violation
  /** Sizes for a random small case; config keys given are already chosen. */
  sizes(draw: Draw, config: Config): Record<string, number>
  /** Config for a random case, for keys the user left open. */
  sampleConfig?(draw: Draw): Record<string, ConfigValue>
  evaluate<K extends Kinds>(a: Arithmetic<K>, ask: Ask<K>): unknown
}

/** A question's leading dimensions and named extents. */
export interface BoundSizes {
  readonly lead: Shape
  readonly sizes: Sizes
}

/** Whether a tensor belongs to a question of this config, defaults filled in. */
export function belongs({ when }: { readonly when?: Condition }, config: Config): boolean {
  return when === undefined || config[when[0]] === when[1]
}

/** `pooling "eq5"`. */
export function formatCondition([key, choice]: Condition): string {
  return `${key} "${choice}"`
}

/** `[.., Ns, C]`. */
export function formatDims(dims: readonly string[]): string {
  return `[${dims.join(', ')}]`
}
