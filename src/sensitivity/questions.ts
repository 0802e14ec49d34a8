import type { Value } from '../../reference/evaluator.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import { sample } from '../catalogue/sample.ts'
import type { Config, Equation } from '../catalogue/schema.ts'
import { knownTensors } from '../cases/names.ts'
import { buildQuestion, type Question } from '../cases/question.ts'
import { random, type Random } from '../random.ts'

/** Root mean square of the streams: as DeiT’s tokens, a trained model’s late layers, and nearly nothing. */
const MAGNITUDES = [1, 30, 0.01] as const

/** Thresholds may be tuned on seeds below this one; reports are about seeds from it on. */
export const FIRST_REPORTED = 1_200_000

/** What the seed asks, besides what the sampler draws. */
export interface Drawn {
  readonly question: Question
  readonly magnitude: number
  readonly wide: boolean
}

/**
 * The question of a seed: drawn by the sampler, every third one at each magnitude, one in eight wider than the sampler goes, ε by turns
 * 1e-6 and 1e-5, and where a choice of values may tie, ties planted in one question of four.
 */
export function drawn(equation: Equation, seed: number): Drawn {
  const magnitude = MAGNITUDES[seed % MAGNITUDES.length]
  const wide = Math.floor(seed / 3) % 8 === 3
  const source = random(seed).fork('sensitivity').fork(equation.id)
  const config = wide && equation.config['heads'] !== undefined ? { heads: 3 } : undefined
  const first = sample(equation, seed, {
    ...(wide ? { sizes: widths(equation) } : {}),
    ...(config === undefined ? {} : { config: { ...sample(equation, seed).asked, ...config } }),
  })
  const asked: Record<string, number | string> = { ...first.asked }
  if (equation.config['eps'] !== undefined) asked['eps'] = source.fork('eps').pick([1e-6, 1e-5])
  const tensors = scaled(first, magnitude)
  if (Math.floor(seed / 3) % 4 === 1) plantTies(equation, tensors, asked, source.fork('ties'))
  return { question: buildQuestion(equation, tensors, asked), magnitude, wide }
}

const WIDTHS: Readonly<Record<string, number>> = {
  Ns: 6,
  Ni: 17,
  Nx: 8,
  C: 36,
  n: 33,
  m: 20,
  d: 32,
  kh: 7,
  kw: 7,
  H: 10,
  W: 10,
  B: 16,
  k: 100,
}

/** Extents at which sums are long enough for their order to matter. */
function widths(equation: Equation): Record<string, number> {
  const symbols = new Set(
    [...knownTensors(equation).values()].flatMap(({ dims }) => dims.filter((dim) => dim in WIDTHS)),
  )
  const sizes = Object.fromEntries([...symbols].map((symbol) => [symbol, WIDTHS[symbol]]))
  return equation.id === 'stvit/eq5' ? { ...sizes, C: 20 } : sizes
}

/** Every stream together brought to the root mean square asked for. */
function scaled({ equation, tensors }: Question, magnitude: number): Map<string, Value> {
  const streams = [...knownTensors(equation)].filter(([, { fill }]) => fill === 'tokens')
  const values = streams.flatMap(([name]) => {
    const value = tensors.get(name)
    return value?.kind === 'dense' ? [value.tensor] : []
  })
  const squares = values.reduce((sum, { data }) => sum + sumOf(data.length, (i) => data[i] ** 2), 0)
  const rms = Math.sqrt(
    squares /
      Math.max(
        1,
        values.reduce((n, { size }) => n + size, 0),
      ),
  )
  const factor = rms > 0 ? magnitude / rms : 1
  const names = new Set(streams.map(([name]) => name))
  return new Map(
    [...tensors].map(([name, value]) =>
      value.kind === 'dense' && names.has(name)
        ? [name, dense(value.tensor, (x) => x * factor)]
        : [name, value],
    ),
  )
}

/** Values that equal a threshold, or one another: what tells > from ≥ and one order of ties from the other. */
function plantTies(
  equation: Equation,
  tensors: Map<string, Value>,
  asked: Record<string, Config[string]>,
  source: Random,
): void {
  if (equation.config['tau'] !== undefined) {
    const A_down = tensors.get('input.A_down')
    if (A_down?.kind === 'dense') asked['tau'] = source.pick([...A_down.tensor.data])
  }
  if (equation.config['basis_threshold'] !== undefined) {
    // sixteenths: sums of their products are exact in any order, and equal ones are common
    for (const name of ['input.A_tilde', 'param.W_up']) {
      const value = tensors.get(name)
      const step = name === 'param.W_up' ? 64 : 16
      if (value?.kind === 'dense')
        tensors.set(
          name,
          dense(value.tensor, (x) => Math.round(x * step) / step),
        )
    }
    if (asked['basis_threshold'] !== undefined) asked['basis_threshold'] = 1 / 64
  }
}

/** DeiT-Ti’s extents, and a batch for losses: sums of hundreds to a hundred thousand terms. */
const MODEL: Readonly<Record<string, number>> = {
  Ns: 16,
  Ni: 196,
  Nx: 196,
  C: 192,
  rC: 768,
  n: 197,
  m: 49,
  d: 64,
  kh: 7,
  kw: 7,
  H: 14,
  W: 14,
  B: 64,
  k: 1000,
}

/** The question of a seed at the size of a model, three heads. Sizes are where sums are long, and maxima are over many elements. */
export function drawnAtSize(equation: Equation, seed: number): Drawn {
  const dims = [...knownTensors(equation).values()].flatMap((known) => known.dims)
  const sizes = Object.fromEntries(dims.filter((dim) => dim in MODEL).map((dim) => [dim, MODEL[dim]]))
  const magnitude = MAGNITUDES[seed % MAGNITUDES.length]
  const question = sample(equation, seed, {
    sizes,
    lead: leadAtSize(equation),
    ...(equation.config['heads'] === undefined
      ? {}
      : { config: { ...sample(equation, seed).asked, heads: 3 } }),
  })
  return {
    question: buildQuestion(equation, scaled(question, magnitude), question.asked),
    magnitude,
    wide: true,
  }
}

/** Heads where an equation is of one head; all of a stream where it has no other axes. */
function leadAtSize({ id, inputs }: Equation): readonly number[] {
  const all = Object.values(inputs)
  if (!all.some(({ dims }) => dims[0] === '..')) return []
  if (all.every(({ dims }) => dims.length === 1)) return [197, 192]
  return id.startsWith('sparsifiner/') ? [3] : []
}

function dense({ data, shape }: Tensor, change: (x: number) => number): Value {
  return { kind: 'dense', tensor: tensor(Float32Array.from(data, change), shape) }
}

function sumOf(n: number, term: (i: number) => number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += term(i)
  return sum
}
