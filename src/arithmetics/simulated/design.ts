import { isAccumulation, type Accumulation } from './accumulation.ts'
import { formats, overflows, roundings, type Format, type Overflow, type Rounding } from './formats.ts'
import { isFunctionError, type FunctionError } from './function-error.ts'
import { divisions, erfs } from './functions.ts'
import { subnormalHandling, type Subnormals } from './machine.ts'

/** Softmax: `online` keeps a running maximum and rescales its sum whenever that grows, `online:K` once for every K entries. */
export type Softmax = 'two-pass' | 'no-max' | 'online' | `online:${number}`

/** Attention: softmax stored and multiplied, or for every K keys at once, rescaled as the maximum grows, divided at the end. */
export type AttentionDesign = 'stored' | `flash:${number}`

const layerNorms = ['two-pass', 'one-pass', 'welford'] as const
const normAffines = ['separate', 'folded'] as const
const scales = ['scores', 'divide', 'query', 'split'] as const
const biases = ['last', 'first'] as const
const convolutions = ['direct', 'im2col'] as const

/**
 * How a float32 runtime computes: what the papers leave to whoever implements them. Everything follows from it; nothing is drawn. The
 * same values in the library, on the command line (`--exp-error 3`) and in `simulated:exp-error=3`.
 */
export interface RuntimeDesign {
  readonly accumulate: Accumulation
  readonly accumulator: Format
  readonly matmul: Format
  readonly storage: Format
  readonly inputs: Format
  readonly overflow: Overflow
  readonly rounding: Rounding
  readonly subnormals: Subnormals
  readonly divide: (typeof divisions)[number]
  readonly softmax: Softmax
  readonly attention: AttentionDesign
  readonly layerNorm: (typeof layerNorms)[number]
  readonly normAffine: (typeof normAffines)[number]
  readonly scale: (typeof scales)[number]
  readonly bias: (typeof biases)[number]
  readonly convolution: (typeof convolutions)[number]
  readonly erf: (typeof erfs)[number]
  readonly expError: FunctionError
  readonly logError: FunctionError
  readonly rsqrtError: FunctionError
  readonly erfError: FunctionError
}

/** What is known of one option. */
export interface DesignField<T extends string> {
  readonly about: string
  /** What may be said, for people: `sequential | blocked:K`. */
  readonly forms: string
  readonly is: (text: string) => text is T
  /** Why a value that people expect here is none. */
  readonly refuses?: Readonly<Record<string, string>>
}

export type DesignFields = { readonly [K in keyof RuntimeDesign]: DesignField<RuntimeDesign[K]> }

function choice<T extends string>(choices: readonly T[], about: string): DesignField<T> {
  const is = (text: string): text is T => choices.some((value) => value === text)
  return { about, forms: choices.join(' | '), is }
}

function error(of: string): DesignField<FunctionError> {
  return {
    about: `how far ${of} is off, in ULP, rounding included; smooth unless said`,
    forms: 'E | smooth:E | alternating:E | biased:E | slope:E, joined with +',
    is: isFunctionError,
  }
}

const tanh = 'tanh-GELU is another function, further off than rounding: no legal way to compute erf'

/** Every option of a design. */
export const designFields: DesignFields = {
  accumulate: {
    about: 'the order of every sum; K terms a block, K slices, K lanes; +fma fuses each product into its sum',
    forms: 'sequential | reversed | pairwise | blocked:K | split-k:K | lanes:K, each also with +fma | fma',
    is: isAccumulation,
  },
  accumulator: choice(formats, 'what running sums of products are held in'),
  matmul: choice(formats, 'what both operands of a sum of products are rounded to first'),
  storage: choice(formats, 'what every tensor is rounded to when a primitive is done with it'),
  inputs: choice(formats, 'what inputs and params are rounded to as they are read'),
  overflow: choice(overflows, 'fp8 numbers too large: the largest finite one, or infinity (e4m3: NaN)'),
  rounding: choice(roundings, 'the direction of every float32 operation; conversions round to nearest'),
  subnormals: choice(subnormalHandling, 'below 2⁻¹²⁶'),
  divide: choice(divisions, 'x / y, rounded once, or x·(1/y)'),
  softmax: {
    about: 'maximum first, never, or as it is found; K entries at a time',
    forms: 'two-pass | no-max | online | online:K',
    is: (text): text is Softmax => /^(two-pass|no-max|online(:[1-9]\d{0,8})?)$/.test(text),
  },
  attention: {
    about: 'softmax, then its product with v; or both in one pass over the keys, K at a time',
    forms: 'stored | flash:K',
    is: (text): text is AttentionDesign => /^(stored|flash:[1-9]\d{0,8})$/.test(text),
  },
  layerNorm: choice(layerNorms, 'the variance: E[(x − μ)²], E[x²] − μ², or updated element by element'),
  normAffine: choice(normAffines, 'a norm’s (x − μ)·r·g + b, or x·(r·g) + (b − μ·r·g)'),
  scale: choice(
    scales,
    '1/√d: times the scores, dividing them by √d, times q, or its root times q and k each',
  ),
  bias: choice(biases, 'added to a sum of products at the end, or the sum’s first term'),
  convolution: choice(
    convolutions,
    'tap by tap inside the map, or as a matrix product with the padding’s zeros',
  ),
  erf: {
    ...choice(erfs, 'correct but for erf-error, or Abramowitz–Stegun 7.1.26 in float32'),
    refuses: { tanh },
  },
  expError: error('exp'),
  logError: error('log'),
  rsqrtError: error('1/√x'),
  erfError: error('erf'),
}

/** The plain runtime: sequential float32, every operation and function correctly rounded. What is left unsaid is as here. */
export const plainDesign: RuntimeDesign = {
  accumulate: 'sequential',
  accumulator: 'float32',
  matmul: 'float32',
  storage: 'float32',
  inputs: 'float32',
  overflow: 'saturate',
  rounding: 'nearest',
  subnormals: 'kept',
  divide: 'exact',
  softmax: 'two-pass',
  attention: 'stored',
  layerNorm: 'two-pass',
  normAffine: 'separate',
  scale: 'scores',
  bias: 'last',
  convolution: 'direct',
  erf: 'library',
  expError: '0',
  logError: '0',
  rsqrtError: '0',
  erfError: '0',
}

/** The names of all options, in order. */
export const designKeys: readonly (keyof RuntimeDesign)[] = Object.keys(plainDesign).filter(
  (key): key is keyof RuntimeDesign => Object.hasOwn(plainDesign, key),
)
