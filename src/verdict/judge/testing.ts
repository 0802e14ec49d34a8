import { expect } from 'vitest'
import { withRule, type Arithmetic } from '../../../reference/arithmetic.ts'
import { float32Dense, type FullKinds } from '../../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { read } from '../../arithmetics/recording.ts'
import { sample } from '../../catalogue/sample.ts'
import { belongs, type Config, type Equation } from '../../catalogue/schema.ts'
import { withDefaults } from '../../cases/config.ts'
import { findEquation, knownTensors } from '../../cases/names.ts'
import { buildQuestion, type Question } from '../../cases/question.ts'
import { fromReal, fromU8, real, type RawTensor } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
import type { Value } from '../../../reference/evaluator.ts'
import type { Judgement } from '../judgement.ts'
import { judge } from '../index.ts'

export type Rules = Arithmetic<FullKinds>
export type Plant = (rules: Rules) => Partial<Rules>
export type Answer = ReadonlyMap<string, RawTensor>

const oddKernels = { kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 }

/** Sizes at which every tensor has several rows, heads and windows. */
const SIZES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'stvit/eq1': { Ns: 4, Ni: 6, C: 12, rC: 24 },
  'stvit/eq2': { Ns: 4, Ni: 6, C: 12, rC: 24 },
  'stvit/eq3': { Ns: 4, Ni: 6, C: 12 },
  'stvit/eq4': { kh: 3, kw: 4, C: 6, kd: 3, kc: 1 },
  'stvit/eq5': { H: 7, W: 5, C: 6, kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 },
  'stvit/eq6': { Nx: 6, Ns: 4, C: 12, rC: 24 },
  'stvit/adaptive-average-pooling': { H: 7, W: 5, C: 6 },
  'stvit/adaptive-max-pooling': { H: 7, W: 5, C: 6 },
  'stvit/window-partition': { H: 4, W: 6, C: 5 },
  'stvit/window-reverse': { Nw: 6, w: 2, C: 5 },
  'stvit/local-cross-attention': { H: 4, W: 6, Nw: 6, s: 2, C: 12, rC: 24 },
  'stvit/stgm': { H: 5, W: 4, C: 12, rC: 24, ...oddKernels },
  'stvit/window-recovery': { H: 4, W: 6, Nw: 4, s: 3, C: 12, rC: 24 },
  'stvit/dumbbell': {
    ...oddKernels,
    H: 6,
    W: 4,
    C: 12,
    rC: 24,
    depth: 2,
  },
  'stvit/patch-embedding': { H: 4, W: 6, ch: 3, C: 6 },
  'stvit/classifier': { N: 6, C: 12, k: 5 },
  'sparsifiner/eq1': { n: 8, d: 5, m: 4 },
  'sparsifiner/eq2': { n: 8, m: 12 },
  'sparsifiner/eq3': { n: 8, m: 6 },
  'sparsifiner/eq4': { n: 8, d: 5 },
  'sparsifiner/eq5': { n: 8 },
  'sparsifiner/eq6': { n: 8, d: 5 },
  'sparsifiner/eq7': { B: 3, k: 7 },
  'sparsifiner/eq9': { B: 3, k: 7 },
  'sparsifiner/eq10': { n: 8, m: 6 },
  'sparsifiner/eq11': { n: 8, m: 6 },
  'sparsifiner/attention': { n: 8, C: 12, m: 4 },
  'sparsifiner/linformer': { n: 8, d: 5, m: 4 },
  'sparsifiner/phase1': { B: 3, k: 7, n: 8, C: 5, m: 6 },
  'sparsifiner/phase2': { B: 3, k: 7, n: 8, C: 5, m: 6 },
}
const CONFIGS: Readonly<Record<string, Config>> = {
  'stvit/eq1': { heads: 3 },
  'stvit/eq2': { heads: 3 },
  'stvit/eq3': { heads: 3 },
  'stvit/eq5': { ws: 2 },
  'stvit/eq6': { heads: 3 },
  'stvit/adaptive-average-pooling': { out: 3 },
  'stvit/adaptive-max-pooling': { out: 3 },
  'stvit/window-partition': { w: 2 },
  'stvit/window-reverse': { H: 4, W: 6 },
  'stvit/local-cross-attention': { w: 2, wk: 3, heads: 3 },
  'stvit/stgm': { ws: 2, heads: 3 },
  'stvit/window-recovery': { nw: 2, heads: 3 },
  'stvit/dumbbell': { ws: 4, nw: 2, heads: 3 },
  'stvit/patch-embedding': { p: 2 },
  'sparsifiner/eq3': { budget: 3 },
  'sparsifiner/eq12': { lambda_token: 0.5, lambda_cls: 0.25, lambda_attn: 1, lambda_spa: 0.125 },
  'sparsifiner/attention': { heads: 3, budget: 3, normalize: 'masked', class_row: 'dense' },
}
const LEADS: Readonly<Record<string, readonly number[]>> = { 'sparsifiner/eq8': [3, 4] }

/** A question with every optional param, inputs of magnitude `magnitude`. */
export function full(id: string, { config = {}, magnitude = 1 }: Options = {}): Question {
  const equation = findEquation(id)
  const options = {
    config: { ...CONFIGS[id], ...config },
    sizes: SIZES[id] ?? {},
    lead: LEADS[id] ?? [],
  }
  const tensors = new Map<string, Value>()
  // optional params are there in about half of the seeds, and tokens have magnitude 1 in most
  const complete = withDefaults(equation, options.config)
  const wanted = [...knownTensors(equation).values()].filter((spec) => belongs(spec, complete))
  for (let seed = 1; tensors.size < wanted.length; seed++) {
    const drawn = sample(equation, seed, options).tensors
    const inputs = [...drawn].filter(([name]) => name.startsWith('input.') || name === 'param.G')
    const ordinary = inputs.every(([, value]) => value.kind === 'mask' || largest(value.tensor) < 5)
    if (
      !ordinary ||
      (inputs.length > 0 && inputs.every(([, v]) => v.kind === 'dense' && largest(v.tensor) < 0.1))
    )
      continue
    for (const [name, value] of drawn) if (!tensors.has(name)) tensors.set(name, value)
  }
  const scaled = [...tensors].map(
    ([name, value]) =>
      [name, name.startsWith('input.') && value.kind === 'dense' ? times(value, magnitude) : value] as const,
  )
  return buildQuestion(equation, new Map(scaled), options.config)
}

function largest({ data }: Tensor): number {
  return Float64Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function times(value: Value & { kind: 'dense' }, factor: number): Value {
  return factor === 1 ? value : { kind: 'dense', tensor: mapped(value.tensor, (x) => x * factor) }
}

export function mapped(x: Tensor, change: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, change), x.shape)
}

/** Everything the reference exposes, with a bug planted in its rules if given. */
export function answer(question: Question, plant: Plant = () => ({})): Answer {
  const sound = float32Dense()
  const evaluator = { ...sound, rules: withRule(sound.rules, plant(sound.rules)) }
  return new Map([...evaluate(evaluator, question)].map(([name, x]) => [name, rawOf(read(evaluator, x))]))
}

function outputsOf({ exposes }: Equation, everything: Answer): Answer {
  return new Map([...everything].filter(([name]) => exposes[name].output === true))
}

/** The first tensor that is wrong on its own upstream: where to look. */
export function blamed({ outputs }: Judgement): string | undefined {
  return outputs.find(({ verdict, fromUpstream }) => {
    const own = fromUpstream?.verdict ?? verdict
    return own === 'fail' || own === 'suspect'
  })?.name
}

/** With intermediates the right tensor is blamed, and without them the bug is seen too. */
export function expectBlamed(
  question: Question,
  damaged: Answer,
  blame: string,
  unseenFromOutputs = false,
): void {
  const exposed = judge.judge(question, damaged)
  expect(blamed(exposed)).toBe(blame)
  expect(exposed.verdict).not.toBe('pass')
  const hidden = judge.judge(question, outputsOf(question.equation, damaged))
  expect(hidden.verdict === 'pass').toBe(unseenFromOutputs)
}

export function edited(
  everything: Answer,
  name: string,
  change: (data: Float32Array, raw: RawTensor) => void,
): Answer {
  const raw = everything.get(name)
  if (raw === undefined) throw new Error(`no ${name}`)
  if (raw.dtype === 'U8') {
    const bytes = Float32Array.from(raw.bytes)
    change(bytes, raw)
    return new Map([...everything, [name, fromU8(Uint8Array.from(bytes), raw.shape)]])
  }
  const data = Float32Array.from(real(raw))
  change(data, raw)
  return new Map([...everything, [name, fromReal(data, raw.shape)]])
}

export const indexOfLargest = (data: Float32Array): number =>
  data.reduce((most, value, i) => (Math.abs(value) > Math.abs(data[most]) ? i : most), 0)

export interface Options {
  readonly config?: Config
  readonly magnitude?: number
  /** It changes intermediates only: attention does not mind the order of its keys. */
  readonly unseenFromOutputs?: boolean
}
