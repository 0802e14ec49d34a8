import exp from '@stdlib/math-base-special-exp'
import type { Value } from '../../reference/evaluator.ts'
import { sizeOf, tensor, type Shape } from '../../reference/tensor.ts'
import { withDefaults } from '../cases/config.ts'
import { accept, demandFits, demandModest, shapeOf } from '../cases/match-shapes.ts'
import { knownTensors } from '../cases/names.ts'
import { buildQuestion, type Question } from '../cases/question.ts'
import { clip } from '../cases/raw-tensor.ts'
import { hintFor } from '../cases/suggest.ts'
import { QuestionError } from '../errors.ts'
import { random, type Random } from '../random.ts'
import {
  belongs,
  type Config,
  type ConfigValue,
  type Equation,
  type Fill,
  type TensorSpec,
} from './schema.ts'

export interface SampleOptions {
  /** Config keys to use; the others that need a value are drawn where the equation has no default for them. */
  readonly config?: Config
  /** Extents to use, by symbol. */
  readonly sizes?: Readonly<Record<string, number>>
  /** Leading dimensions to use. */
  readonly lead?: Shape
  /** Tensors to use, by `input.NAME` and `param.NAME`; their extents must be among `sizes` and `lead`. */
  readonly tensors?: ReadonlyMap<string, Value>
  /** Which optional params are there; drawn where it does not say. */
  readonly has?: (name: string) => boolean | undefined
  /** No extent is drawn larger than this, unless the equation cannot do with less: what shrinking shrinks. */
  readonly largest?: number
  /** Config keys to lay over drawn ones; those in `config` win. */
  readonly over?: Config
  /** Changes extents that were drawn; those in `sizes` win. */
  readonly adjust?: (sizes: Readonly<Record<string, number>>, config: Config) => Record<string, number>
  /** The deviation of tokens; drawn unless given. */
  readonly magnitude?: number
}

/** How often sizes are drawn before sizes that were asked for are given up as not fitting. */
const ATTEMPTS = 64

/**
 * Draws a random small question: sizes, options, which optional params are there, magnitudes and values, all from
 * `seed`. The same seed and options give the same question everywhere.
 * @throws QuestionError where the sizes or config asked for cannot be
 */
export function sample(equation: Equation, seed: number | string, options: SampleOptions = {}): Question {
  const source = random(seed).fork(equation.id)
  const drawn = drawConfig(equation, source.fork('config'), options.config)
  const config = layOver(equation, drawn, options)
  demandBatch(equation, options.lead ?? [])
  const complete = withDefaults(equation, config)
  const lead = options.lead ?? drawLead(equation, source.fork('lead'))
  const sizes = drawSizes(equation, source.fork('sizes'), complete, options)
  demandModest(knownTensors(equation), { lead, sizes })
  const there = present(equation, complete, source.fork('optional'), options)
  const sized = new Map(
    [...there].map(([name, spec]) => [name, { spec, shape: shapeOf(spec, { lead, sizes }) }]),
  )
  demandFits(sized)

  const magnitude = options.magnitude ?? source.fork('magnitude').pick([1, 1, 1, 30, 0.01])
  const tensors = new Map<string, Value>()
  for (const [name, { spec, shape }] of sized) {
    tensors.set(name, options.tensors?.get(name) ?? fill(spec.fill, source.fork(name), shape, magnitude))
  }
  return buildQuestion(equation, tensors, config)
}

/** The tensors that the question has: all but those of other options, and of what is optional what is given, asked for or drawn. */
function present(
  equation: Equation,
  complete: Config,
  source: Random,
  options: SampleOptions,
): ReadonlyMap<string, TensorSpec> {
  const there = new Map<string, TensorSpec>()
  const groups = new Map<string, boolean>()
  for (const [name, spec] of knownTensors(equation)) {
    if (!belongs(spec, complete)) continue
    if (spec.optional === true && options.tensors?.has(name) !== true) {
      const group = spec.partner === undefined ? name : [name, `param.${spec.partner}`].toSorted()[0]
      const chosen = options.has?.(name) ?? groups.get(group) ?? source.fork(group).pick([true, false])
      groups.set(group, chosen)
      if (!chosen) continue
    }
    there.set(name, spec)
  }
  return there
}

function drawConfig(equation: Equation, source: Random, asked: Config | undefined): Config {
  const drawn = equation.sampleConfig?.(source) ?? {}
  if (asked === undefined) return drawn
  const config: Record<string, ConfigValue> = {}
  const chosen = equation.oneOf?.some((key) => asked[key] !== undefined) ?? true
  for (const [key, spec] of Object.entries(equation.config)) {
    const required = spec.default === undefined && spec.optional !== true
    const missing = !chosen && equation.oneOf?.includes(key) === true
    if ((required || missing) && drawn[key] !== undefined) config[key] = drawn[key]
  }
  return { ...config, ...asked }
}

/** Of keys that exclude each other, one that is asked for wins over one laid over, and that over one drawn. */
function layOver(
  { oneOf = [] }: Equation,
  drawn: Config,
  { config: asked = {}, over = {} }: SampleOptions,
): Config {
  const chosen = (keys: Config): boolean => oneOf.some((key) => keys[key] !== undefined)
  const laid = Object.entries(over).filter(([key]) => !oneOf.includes(key) || !chosen(asked))
  const replaced = chosen(Object.fromEntries(laid))
  const kept = Object.entries(drawn).filter(([key]) => !replaced || !oneOf.includes(key))
  return { ...Object.fromEntries(kept), ...Object.fromEntries(laid), ...asked }
}

/** @throws QuestionError for leading dimensions of an equation that has none */
function demandBatch({ id, inputs }: Equation, lead: Shape): void {
  if (lead.length === 0 || Object.values(inputs).some(({ dims }) => dims[0] === '..')) return
  const found = `[${lead.join(', ')}]`
  throw new QuestionError({ tensor: 'batch', expected: `no leading dimensions, as ${id} has none`, found })
}

function drawLead({ id, inputs }: Equation, source: Random): Shape {
  if (!Object.values(inputs).some(({ dims }) => dims[0] === '..')) return []
  if (Object.values(inputs).every(({ dims }) => dims.length === 1))
    return source.pick([[], [7], [3, 5], [2, 4, 6]])
  return source.pick(id.startsWith('sparsifiner/') ? [[], [2], [1, 3], [2, 2]] : [[], [], [1], [2], [2, 2]])
}

function drawSizes(
  equation: Equation,
  source: Random,
  complete: Config,
  options: SampleOptions,
): Record<string, number> {
  const asked = options.sizes ?? {}
  for (let attempt = 0; ; attempt++) {
    const drawn = equation.sizes(upTo(options.largest, source.fork(`attempt ${attempt}`)), complete)
    for (const [symbol, extent] of Object.entries(asked)) {
      if (!Object.hasOwn(drawn, symbol)) {
        const hint = hintFor(clip(symbol), Object.keys(drawn))
        const found = `"${clip(symbol)}"`
        throw new QuestionError({ tensor: 'sizes', expected: 'a known extent', found, hint })
      }
      if (!Number.isSafeInteger(extent) || extent < 1) {
        throw new QuestionError({ tensor: `sizes.${symbol}`, expected: 'an integer ≥ 1', found: `${extent}` })
      }
    }
    const sizes = { ...(options.adjust?.(drawn, complete) ?? drawn), ...asked }
    const derived = equation.derive?.(sizes, complete) ?? sizes
    if (attempt + 1 >= ATTEMPTS || !('where' in derived)) return { ...accept(derived) }
  }
}

function upTo(largest: number | undefined, source: Random): Random {
  if (largest === undefined) return source
  return { ...source, integer: (min, max) => source.integer(min, Math.max(min, Math.min(max, largest))) }
}

function fill(kind: Fill, source: Random, shape: Shape, magnitude: number): Value {
  const size = sizeOf(shape)
  const reals = (draw: (index: number) => number): Value => ({
    kind: 'dense',
    tensor: tensor(
      Float32Array.from({ length: size }, (_, index) => draw(index)),
      shape,
    ),
  })
  switch (kind) {
    case 'tokens':
      return reals(() => magnitude * source.normal())
    case 'weight': {
      const deviation = 1 / Math.sqrt(Math.max(1, sizeOf(shape.slice(1))))
      return reals(() => deviation * source.normal())
    }
    case 'weights': {
      const deviation = 1 / Math.sqrt(Math.max(1, sizeOf(shape.slice(2))))
      return reals(() => deviation * source.normal())
    }
    case 'bias':
      return reals(() => 0.1 * source.normal())
    case 'gain':
      return reals(() => 1 + 0.1 * source.normal())
    case 'layerScale':
      return reals(() => 0.1 + 0.05 * source.normal())
    case 'basis':
      return reals(() => 0.03 * source.normal())
    case 'scalar':
      return reals(() => Math.abs(source.normal()))
    case 'probabilities':
      return rows(source, shape, (p) => p)
    case 'coefficients':
      return rows(source, shape, (p) => (p > 0.05 ? p : 0))
    case 'target':
      return target(source, shape)
    case 'mask':
      return { kind: 'mask', mask: { shape, data: maskBytes(source, shape) } }
  }
}

/** Rows of softmax(N(0, 2²)), each value passed through `finish`. */
function rows(source: Random, shape: Shape, finish: (p: number) => number): Value {
  const n = shape.at(-1) ?? 1
  const data = new Float32Array(sizeOf(shape))
  for (let start = 0; start < data.length; start += n) {
    const powers = Array.from({ length: n }, () => exp(2 * source.normal()))
    const sum = powers.reduce((total, power) => total + power, 0)
    for (let i = 0; i < n; i++) data[start + i] = finish(powers[i] / sum)
  }
  return { kind: 'dense', tensor: tensor(data, shape) }
}

/** Labels, one-hot or smoothed by 0.1, one row each. */
function target(source: Random, shape: Shape): Value {
  const n = shape.at(-1) ?? 1
  const smoothing = source.pick([0, 0.1])
  const data = new Float32Array(sizeOf(shape)).fill(smoothing / n)
  for (let start = 0; start < data.length; start += n) data[start + source.integer(0, n - 1)] += 1 - smoothing
  return { kind: 'dense', tensor: tensor(data, shape) }
}

/** About a quarter ones; about one row in eight empty, since that is where runtimes divide by zero. */
function maskBytes(source: Random, shape: Shape): Uint8Array {
  const n = shape.at(-1) ?? 1
  const data = new Uint8Array(sizeOf(shape))
  for (let start = 0; start < data.length; start += n) {
    const density = source.pick([0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.5])
    for (let i = 0; i < n; i++) data[start + i] = source.uniform() < density ? 1 : 0
  }
  return data
}
