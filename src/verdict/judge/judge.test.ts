import { describe, expect, test } from 'vitest'
import { withRule, type Arithmetic } from '../../../reference/arithmetic.ts'
import { float32Dense, type FullKinds } from '../../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { read } from '../../arithmetics/recording.ts'
import { catalogue } from '../../catalogue/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { belongs, type Config, type Equation } from '../../catalogue/schema.ts'
import { withDefaults } from '../../cases/config.ts'
import { findEquation, knownTensors } from '../../cases/names.ts'
import { buildQuestion, type Question } from '../../cases/question.ts'
import { fromReal, fromU8, real, type RawTensor } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
import type { Value } from '../../../reference/evaluator.ts'
import type { Judgement } from '../judgement.ts'
import { UNCERTAIN } from './compare-dense.ts'
import { judge } from '../index.ts'

type Rules = Arithmetic<FullKinds>
type Plant = (rules: Rules) => Partial<Rules>
type Answer = ReadonlyMap<string, RawTensor>

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
function full(id: string, { config = {}, magnitude = 1 }: Options = {}): Question {
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

function mapped(x: Tensor, change: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, change), x.shape)
}

/** Everything the reference exposes, with a bug planted in its rules if given. */
function answer(question: Question, plant: Plant = () => ({})): Answer {
  const sound = float32Dense()
  const evaluator = { ...sound, rules: withRule(sound.rules, plant(sound.rules)) }
  return new Map([...evaluate(evaluator, question)].map(([name, x]) => [name, rawOf(read(evaluator, x))]))
}

function outputsOf({ exposes }: Equation, everything: Answer): Answer {
  return new Map([...everything].filter(([name]) => exposes[name].output === true))
}

/** The first tensor that is wrong on its own upstream: where to look. */
function blamed({ outputs }: Judgement): string | undefined {
  return outputs.find(({ verdict, fromUpstream }) => {
    const own = fromUpstream?.verdict ?? verdict
    return own === 'fail' || own === 'suspect'
  })?.name
}

/** With intermediates the right tensor is blamed, and without them the bug is seen too. */
function expectBlamed(question: Question, damaged: Answer, blame: string, unseenFromOutputs = false): void {
  const exposed = judge.judge(question, damaged)
  expect(blamed(exposed)).toBe(blame)
  expect(exposed.verdict).not.toBe('pass')
  const hidden = judge.judge(question, outputsOf(question.equation, damaged))
  expect(hidden.verdict === 'pass').toBe(unseenFromOutputs)
}

function edited(
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

const indexOfLargest = (data: Float32Array): number =>
  data.reduce((most, value, i) => (Math.abs(value) > Math.abs(data[most]) ? i : most), 0)

describe.each(catalogue.map(({ id }) => [id, full(id)] as const))('%s', (id, question) => {
  const sound = answer(question)
  const { exposes } = question.equation
  const names = [...sound.keys()]
  const dense = names.filter((name) => exposes[name].kind !== 'mask')

  test('exposes every tensor of the contract, and the reference passes', () => {
    expect(names.toSorted()).toEqual(Object.keys(exposes).toSorted())
    const judgement = judge.judge(question, sound)
    expect(judgement.outputs.map(({ verdict }) => verdict)).toEqual(names.map(() => 'pass'))
    expect(judgement.outputs.map(({ name }) => name)).toEqual(Object.keys(exposes))
    expect(judgement.absent).toEqual([])
    expect(judgement.verdict).toBe('pass')
  })

  test.each(dense)('%s: its largest element × 1.001 is blamed', (name) => {
    const damaged = edited(sound, name, (data) => {
      data[indexOfLargest(data)] *= 1.001
    })
    const judgement = judge.judge(question, damaged)
    expect(blamed(judgement)).toBe(name)
    expect(judgement.verdict).not.toBe('pass')
  })

  test.each(dense)('%s: an element that is NaN or infinite fails', (name) => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const damaged = edited(sound, name, (data) => {
        data[indexOfLargest(data)] = value
      })
      const judgement = judge.judge(question, damaged)
      expect(judgement.verdict).toBe('fail')
      expect(blamed(judgement)).toBe(name)
    }
  })

  test.each(dense.filter((name) => (sound.get(name)?.shape.length ?? 0) > 1))(
    '%s: two rows swapped are blamed',
    (name) => {
      const damaged = edited(sound, name, (data, { shape }) => {
        const width = shape.at(-1) ?? 1
        const rows = Array.from({ length: data.length / width }, (_, row) =>
          data.slice(row * width, (row + 1) * width),
        )
        const row = Math.floor(indexOfLargest(data) / width)
        const other = rows.findIndex((values) => values.join() !== rows[row].join())
        data.set(rows[other], row * width)
        data.set(rows[row], other * width)
      })
      expect(blamed(judge.judge(question, damaged))).toBe(name)
    },
  )

  test.each(names)('%s: another shape fails, and says which was expected', (name) => {
    const raw = sound.get(name)
    if (raw === undefined) throw new Error(`no ${name}`)
    const damaged = new Map([...sound, [name, { ...raw, shape: [1, ...raw.shape, 1] }]])
    const judgement = judge.judge(question, damaged)
    expect(judgement.verdict).toBe('fail')
    expect(judgement.outputs.find((output) => output.name === name)?.reason).toBe(
      `shape [${[1, ...raw.shape, 1].join(', ')}], expected [${raw.shape.join(', ')}]`,
    )
  })

  test('zeros of the other sign are fine', () => {
    let damaged: Answer = sound
    for (const name of dense) {
      damaged = edited(damaged, name, (data) => {
        for (let i = 0; i < data.length; i++) if (data[i] === 0) data[i] = Object.is(data[i], -0) ? 0 : -0
      })
    }
    expect(judge.judge(question, damaged).verdict).toBe('pass')
  })

  test('outputs in float64 are judged like any', () => {
    for (const name of dense) {
      const raw = sound.get(name)
      if (raw === undefined) throw new Error(`no ${name}`)
      const wide = fromReal(Float64Array.from(real(raw)), raw.shape)
      expect(judge.judge(question, new Map([...sound, [name, wide]])).verdict).toBe('pass')
    }
  })

  test('nothing given is not judged, and all outputs are absent', () => {
    const judgement = judge.judge(question, new Map())
    expect(judgement).toEqual({
      id,
      verdict: 'not-judged',
      outputs: [],
      absent: Object.keys(exposes).filter((name) => exposes[name].output === true),
    })
  })
})

/** GELU by the tanh formula of the original paper: off by up to 5e-4 at |x| of about 2. */
const tanhGelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))

/** LayerNorm with its variance and ε as given. */
const layerNormWith =
  (divisor: (n: number) => number, epsilon: (eps: number) => number): Rules['layerNorm'] =>
  (x, weight, bias, eps) => {
    const n = x.shape.at(-1) ?? 1
    const out = new Float32Array(x.size)
    for (let start = 0; start < out.length; start += n) {
      const row = Array.from(x.data.subarray(start, start + n))
      const mean = row.reduce((sum, value) => sum + value, 0) / n
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / divisor(n)
      row.forEach((value, i) => {
        out[start + i] = ((value - mean) / Math.sqrt(variance + epsilon(eps))) * weight.data[i] + bias.data[i]
      })
    }
    return tensor(out, x.shape)
  }

const wrongEpsilon: Plant = () => ({
  layerNorm: layerNormWith(
    (n) => n,
    (eps) => eps * 10,
  ),
})
const unbiased: Plant = () => ({
  layerNorm: layerNormWith(
    (n) => n - 1,
    (eps) => eps,
  ),
})
const tanh: Plant = () => ({ gelu: (x) => mapped(x, tanhGelu) })
const noBias: Plant = (rules) => ({ linear: (x, weight) => rules.linear(x, weight) })
const noConvolutionBias: Plant = (rules) => ({
  convolve: (x, weight, _bias, groups) => rules.convolve(x, weight, undefined, groups),
})
/** Heads interleaved with tokens: the axes relabelled instead of exchanged. */
const transposedHeads: Plant = (rules) => ({
  swapAxes: (x, axis, other) => rules.reshape(x, rules.shape(rules.swapAxes(x, axis, other))),
})
const scaleOfC: Plant = (rules) => ({ scale: (x, factor) => rules.scale(x, factor / Math.sqrt(3)) })
const noScale: Plant = (rules) => ({ scale: (x) => x, sparseScale: (x) => x, shape: rules.shape })
const flippedKernel: Plant = (rules) => ({
  convolve: (x, weight, bias, groups) => {
    const taps = weight.shape[2] * weight.shape[3]
    const flipped = mapped(weight, (_, i) => weight.data[i - (i % taps) + (taps - 1 - (i % taps))])
    return rules.convolve(x, flipped, bias, groups)
  },
})
const lastKeyDropped: Plant = (rules) => ({
  softmax: (x) => {
    const n = x.shape.at(-1) ?? 1
    return rules.softmax(mapped(x, (value, i) => (i % n === n - 1 ? -1e9 : value)))
  },
})
/** The last place of every second bin lost. */
const binsAtTheFloor: Plant = (rules) => ({
  pool(x, { rows, columns }, reduction) {
    const cut = (bins: typeof rows): typeof rows =>
      bins.map(([start, end], i) => [start, i + 1 < bins.length ? Math.max(start + 1, bins[i + 1][0]) : end])
    return rules.pool(x, { rows: cut(rows), columns: cut(columns) }, reduction)
  },
})
const transposedWindows: Plant = (rules) => ({
  windows(x, layout) {
    const windows = rules.windows(x, layout)
    return rules.reshape(rules.swapAxes(windows, -3, -2), windows.shape)
  },
})
/** exp through 2^x with log₂e cut to five digits. */
const coarseExp: Plant = (rules) => ({
  softmax: (x) =>
    rules.softmax(mapped(x, (value) => value * (Math.floor(Math.LOG2E * 1e4) / 1e4 / Math.LOG2E))),
})

interface Options {
  readonly config?: Config
  readonly magnitude?: number
  /** It changes intermediates only: attention does not mind the order of its keys. */
  readonly unseenFromOutputs?: boolean
}

type Bug = readonly [name: string, plant: Plant, blame: string, options?: Options]

const layerBugs = (norm: string, hat: string): readonly Bug[] => [
  ['ε ten times as large', wrongEpsilon, norm, { magnitude: 0.01 }],
  ['unbiased variance', unbiased, norm],
  ['GELU by tanh', tanh, 'gelu'],
  ['biases forgotten', noBias, 'q'],
  ['heads interleaved', transposedHeads, 'q'],
  ['scale 1/√C', scaleOfC, 'scores'],
  ['last key dropped', lastKeyDropped, 'A'],
  ['log₂e of five digits', coarseExp, 'A'],
  ['LayerScale forgotten', (rules) => ({ multiply: (x) => rules.scale(x, 1) }), hat],
]

const objectiveBugs: readonly Bug[] = [
  ['the sum for the mean', (rules) => ({ mean: (x, over) => rules.sum(x, over) }), 'L_cls'],
  [
    'log₂ for ln',
    (rules) => ({ logSoftmax: (x) => rules.scale(rules.logSoftmax(x), Math.LOG2E) }),
    'L_cls.log_probs',
  ],
  ['every λ 1', (rules) => ({ scale: (x, factor) => rules.scale(x, factor === -1 ? -1 : 1) }), 'loss'],
]

const BUGS: Readonly<Record<string, readonly Bug[]>> = {
  'stvit/eq1': layerBugs('norm_q', 'S_hat'),
  'stvit/eq2': [
    ...layerBugs('norm_q', 'S_hat'),
    [
      'X before S1',
      (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
      'norm_kv',
      { unseenFromOutputs: true },
    ],
  ],
  'stvit/eq6': layerBugs('norm_q', 'X_hat'),
  'stvit/eq3': [
    ['biases forgotten', noBias, 'q_s'],
    ['heads interleaved', transposedHeads, 'q_s'],
    ['scale 1/√C', scaleOfC, 'A_s'],
    ['X before S1', (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }), 'k'],
    ['the global term forgotten', () => ({ add: (x) => x }), 'A'],
  ],
  'stvit/eq4': [
    ['the kernel flipped', flippedKernel, 'dw'],
    ['biases forgotten', noConvolutionBias, 'dw'],
    ['ε ten times as large', wrongEpsilon, 'norm', { magnitude: 0.01 }],
    ['unbiased variance', unbiased, 'norm'],
    ['GELU by tanh', tanh, 'gelu'],
  ],
  'stvit/eq5': [
    ['the kernel flipped', flippedKernel, 'intra.dw'],
    ['unbiased variance', unbiased, 'intra.norm'],
    ['GELU by tanh', tanh, 'intra.gelu'],
    ['the inter-window term forgotten', () => ({ add: (x) => x }), 'weights'],
    [
      'windows that start one late',
      (rules) => ({
        windows: (x, layout) =>
          rules.windows(x, { ...layout, rows: layout.rows.map((row) => Math.max(0, row - 1)) }),
      }),
      'windows',
    ],
  ],
  'stvit/adaptive-average-pooling': [
    ['bins that end at the floor', binsAtTheFloor, 'P'],
    ['the largest for the mean', (rules) => ({ pool: (x, bins) => rules.pool(x, bins, 'max') }), 'P'],
  ],
  'stvit/adaptive-max-pooling': [
    ['bins that end at the floor', binsAtTheFloor, 'P'],
    ['the mean for the largest', (rules) => ({ pool: (x, bins) => rules.pool(x, bins, 'mean') }), 'P'],
  ],
  'stvit/window-partition': [['windows transposed', transposedWindows, 'windows']],
  'stvit/window-reverse': [['axes relabelled', transposedHeads, 'X']],
  'stvit/local-cross-attention': [
    ...layerBugs('norm_q', 'S_hat'),
    ['key windows transposed', transposedWindows, 'keys', { unseenFromOutputs: true }],
    ['one key window cut short', lastKeyDropped, 'S_hat', { config: { key_windows: 'centred' } }],
  ],
  'stvit/stgm': [
    ['unbiased variance', unbiased, 'pooling.intra.norm'],
    ['heads interleaved', transposedHeads, 'layer1.q'],
    [
      'X before S1',
      (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
      'layer2.norm_kv',
      { unseenFromOutputs: true },
    ],
    ['bins that end at the floor', binsAtTheFloor, 'P', { config: { pooling: 'average' } }],
  ],
  'stvit/window-recovery': layerBugs('norm_q', 'X_hat'),
  'stvit/dumbbell': [
    ['heads interleaved', transposedHeads, 'stgm.layer1.q'],
    [
      'one layer for all of the stack',
      (rules) => ({ slice: (x, axis, start, end) => rules.slice(x, axis, 0, end - start) }),
      'S',
    ],
  ],
  'stvit/patch-embedding': [
    ['channels not moved', transposedHeads, 'patches'],
    ['biases forgotten', noBias, 'embedded'],
    ['positions forgotten', () => ({ add: (x) => x }), 'X'],
  ],
  'stvit/classifier': [
    ['unbiased variance', unbiased, 'norm'],
    ['the sum for the mean', (rules) => ({ mean: (x, over) => rules.sum(x, over) }), 'pooled'],
    ['biases forgotten', noBias, 'logits'],
  ],
  'sparsifiner/eq1': [
    ['no scale', noScale, 'logits'],
    ['last key dropped', lastKeyDropped, 'A_down'],
    ['log₂e of five digits', coarseExp, 'A_down'],
  ],
  'sparsifiner/eq2': [
    ['kept where smaller', (rules) => ({ threshold: (x) => rules.threshold(x, 0.06) }), 'A_tilde'],
  ],
  'sparsifiner/eq3': [
    ['half the basis', (rules) => ({ compress: (x) => rules.threshold(x, 0) }), 'scores'],
    ['one kept too many', (rules) => ({ topK: (x, budget) => rules.topK(x, budget + 1) }), 'M'],
    ['one kept too few', (rules) => ({ topK: (x, budget) => rules.topK(x, budget - 1) }), 'M'],
    [
      'ranked by magnitude',
      (rules) => ({
        topK: ({ values, kept }, budget) => rules.topK({ values: mapped(values, Math.abs), kept }, budget),
      }),
      'M',
    ],
  ],
  'sparsifiner/eq4': [
    ['no scale', noScale, 'logits'],
    ['no scale, masked', noScale, 'logits', { config: { normalize: 'masked' } }],
    [
      'normalised over all for "masked"',
      (rules) => ({
        maskedSoftmax: (mask, x) => rules.select(mask, rules.softmax(rules.expand(x))),
      }),
      'A_sparse',
      { config: { normalize: 'masked' } },
    ],
  ],
  'sparsifiner/eq5': [
    [
      'the mask inverted',
      (rules) => ({
        select: (mask, x) => rules.select({ ...mask, kept: mask.kept.map((byte) => 1 - byte) }, x),
      }),
      'A_sparse',
    ],
  ],
  'sparsifiner/eq6': [
    [
      'attention transposed',
      (rules) => ({ sparseMatmulDense: ({ values }, y) => rules.matmul(rules.swapAxes(values, -1, -2), y) }),
      'X_next',
    ],
  ],
  'sparsifiner/eq7': [
    [
      'log₂ for ln',
      (rules) => ({ logSoftmax: (x) => rules.scale(rules.logSoftmax(x), Math.LOG2E) }),
      'log_probs',
    ],
    ['the sum for the mean', (rules) => ({ mean: (x, over) => rules.sum(x, over) }), 'loss'],
  ],
  'sparsifiner/eq8': [
    ['the sum for the mean', (rules) => ({ mean: (x, over) => rules.sum(x, over) }), 'loss'],
    ['the square forgotten', () => ({ multiply: (x) => mapped(x, Math.abs) }), 'loss'],
  ],
  'sparsifiner/eq9': [
    ['the weight forgotten', () => ({ weigh: (_, x) => x }), 'per_sample'],
    ['the sum for the mean', (rules) => ({ mean: (x, over) => rules.sum(x, over) }), 'loss'],
  ],
  'sparsifiner/eq10': [
    ['the sum for the mean', (rules) => ({ mean: (x, over) => rules.sum(x, over) }), 'loss'],
    ['the difference added', (rules) => ({ subtract: (x, y) => rules.add(x, y) }), 'loss'],
  ],
  'sparsifiner/eq11': [['the sum of magnitudes', () => ({ multiply: (x) => mapped(x, Math.abs) }), 'loss']],
  'sparsifiner/eq12': [['weights forgotten', (rules) => ({ scale: (x) => rules.scale(x, 1) }), 'loss']],
  'sparsifiner/attention': [
    ['biases forgotten', noBias, 'q'],
    ['heads interleaved', transposedHeads, 'q'],
    ['scale 1/√C', scaleOfC, 'eq1.logits'],
    ['last key dropped', lastKeyDropped, 'eq1.A_down'],
    ['kept where smaller', (rules) => ({ threshold: (x) => rules.threshold(x, 0.2) }), 'eq2.A_tilde'],
    ['half the basis', (rules) => ({ compress: (x) => rules.threshold(x, 0) }), 'eq3.scores'],
    ['one kept too many', (rules) => ({ topK: (x, budget) => rules.topK(x, budget + 1) }), 'eq3.M'],
    [
      'the class token last',
      (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
      'heads',
    ],
  ],
  'sparsifiner/linformer': [
    ['no scale', noScale, 'logits'],
    ['last key dropped', lastKeyDropped, 'A_down'],
  ],
  'sparsifiner/phase1': objectiveBugs,
  'sparsifiner/phase2': objectiveBugs,
}

describe('planted bugs are seen and the right tensor blamed', () => {
  test('there is one for every equation', () => {
    expect(Object.keys(BUGS).toSorted()).toEqual(catalogue.map(({ id }) => id).toSorted())
  })

  const rows = Object.entries(BUGS).flatMap(([id, bugs]) =>
    bugs.map(([name, plant, blame, options]) => [id, name, { plant, blame, options }] as const),
  )
  test.each(rows)('%s: %s', (id, _name, { plant, blame, options }) => {
    const question = full(id, options)
    expect(judge.judge(question, answer(question)).verdict, 'sound without the bug').toBe('pass')
    expectBlamed(question, answer(question, plant), blame, options?.unseenFromOutputs)
  })
})

describe('answers to another question are seen', () => {
  test.each<[string, Config, Config, string]>([
    ['stvit/eq2', {}, { residual: 'S1+G' }, 'S_hat'],
    ['sparsifiner/eq1', {}, { scale: 0.45 }, 'logits'],
    ['sparsifiner/eq3', {}, { basis_threshold: 0.01 }, 'scores'],
    ['sparsifiner/eq3', {}, { budget: 4 }, 'M'],
    ['sparsifiner/eq3', {}, { budget: 2 }, 'M'],
    ['sparsifiner/eq3', { budget: 8 }, { budget: 7 }, 'M'],
    ['sparsifiner/eq4', {}, { normalize: 'masked' }, 'A_sparse'],
    ['sparsifiner/eq9', {}, { direction: 'teach,pred' }, 'per_sample'],
    ['sparsifiner/eq10', {}, { reduction: 'sum' }, 'loss'],
    ['sparsifiner/eq12', {}, { lambda_spa: 0.13 }, 'loss'],
    ['sparsifiner/attention', {}, { normalize: 'full' }, 'eq4.A_sparse'],
    ['sparsifiner/attention', {}, { tau: 0.2 }, 'eq2.A_tilde'],
    ['sparsifiner/attention', {}, { budget: 4 }, 'eq3.M'],
    ['sparsifiner/attention', {}, { scale: 0.45 }, 'eq1.logits'],
    ['sparsifiner/phase1', {}, { direction: 'teach,pred' }, 'L_kl.per_sample'],
    ['sparsifiner/phase2', {}, { reduction: 'sum' }, 'L_attn'],
  ])('%s %j, answered with %j', (id, config, other, blame) => {
    const question = full(id, { config })
    const asked = buildQuestion(question.equation, question.tensors, { ...question.asked, ...other })
    const judgement = judge.judge(question, answer(asked))
    // one kept too many or too few is only wrong where a row has that many non-zero scores
    expect(blamed(judgement)).toBe(blame)
  })
})

describe('masks', () => {
  const question = full('sparsifiner/eq3')
  const sound = answer(question)

  test('a bit flipped fails', () => {
    const damaged = edited(sound, 'M', (data) => {
      const kept = data.indexOf(1)
      data[kept] = 0
    })
    expectBlamed(question, damaged, 'M')
  })

  test('a 2 fails and says where', () => {
    const damaged = edited(sound, 'M', (data) => {
      data[9] = 2
    })
    expect(judge.judge(question, damaged).outputs.at(-1)).toMatchObject({
      name: 'M',
      verdict: 'fail',
      reason: '2 at [1, 1], expected 0 or 1',
    })
  })

  const dyadic = (values: readonly number[], budget: number): Question => {
    const W_up: Value = { kind: 'dense', tensor: tensor(Float32Array.from(values), [1, values.length]) }
    const ones = new Float32Array(values.length).fill(1)
    const A_tilde: Value = { kind: 'dense', tensor: tensor(ones, [values.length, 1]) }
    const tensors = new Map([
      ['input.A_tilde', A_tilde],
      ['param.W_up', W_up],
    ])
    return buildQuestion(findEquation('sparsifiner/eq3'), tensors, { budget })
  }
  const maskOf = (row: readonly number[]): RawTensor =>
    fromU8(
      Uint8Array.from({ length: row.length ** 2 }, (_, i) => row[i % row.length]),
      [row.length, row.length],
    )

  test('a tie for the last place goes to the lower column when the scores are in the file', () => {
    const tied = dyadic([0.5, 0.25, 0.5, 0.5], 2)
    const { scores } = Object.fromEntries(answer(tied))
    const judged = (mask: readonly number[]): string | undefined =>
      judge
        .judge(
          tied,
          new Map([
            ['scores', scores],
            ['M', maskOf(mask)],
          ]),
        )
        .outputs.find(({ name }) => name === 'M')?.fromUpstream?.verdict
    expect(judged([1, 0, 1, 0])).toBe('pass')
    expect(judged([1, 0, 0, 1])).toBe('fail')
    expect(judged([0, 0, 1, 1])).toBe('fail')
  })

  test('an exact zero is never kept, and takes a place all the same', () => {
    const question0 = dyadic([0.5, 0, -0.25, 0], 3)
    const judged = (mask: readonly number[]): string =>
      judge.judge(question0, new Map([['M', maskOf(mask)]])).verdict
    expect(judged([1, 0, 0, 0])).toBe('pass')
    expect(judged([1, 1, 0, 0])).toBe('fail')
    expect(judged([1, 0, 1, 0])).toBe('fail')
    expect(judged([0, 0, 0, 0])).toBe('fail')
  })
})

test('a value equal to τ goes: ≥ for > is seen', () => {
  const A_down: Value = { kind: 'dense', tensor: tensor(Float32Array.of(0.125, 0.5, 0.0625), [1, 3]) }
  const question = buildQuestion(findEquation('sparsifiner/eq2'), new Map([['input.A_down', A_down]]), {
    tau: 0.125,
  })
  const judged = (...row: number[]): string =>
    judge.judge(question, new Map([['A_tilde', fromReal(Float32Array.from(row), [1, 3])]])).verdict
  expect(judged(0, 0.5, 0)).toBe('pass')
  expect(judged(0.125, 0.5, 0)).toBe('fail')
  expect(judged(0, 0, 0)).toBe('fail')
})

test('logits outside the mask are nobody’s business', () => {
  const question = full('sparsifiner/eq4', { config: { normalize: 'masked' } })
  const mask = question.tensors.get('input.M')
  const kept = mask?.kind === 'mask' ? mask.mask.data : new Uint8Array()
  const judged = (at: number, value: number): string =>
    judge.judge(
      question,
      edited(answer(question), 'logits', (data) => {
        for (let i = 0; i < data.length; i++) if (kept[i] === at) data[i] = value
      }),
    ).verdict
  expect(judged(0, NaN)).toBe('pass')
  expect(judged(0, 1e30)).toBe('pass')
  expect(judged(1, 1e30)).toBe('fail')
})

test('an intermediate of a param that is not there is not judged', () => {
  const { equation, tensors, asked } = full('stvit/eq1')
  const question = buildQuestion(
    equation,
    new Map([...tensors].filter(([name]) => !name.startsWith('param.norm1.'))),
    asked,
  )
  const stray = new Map([...answer(question), ['norm_q', fromReal(new Float32Array(48), [4, 12])]])
  const judgement = judge.judge(question, stray)
  expect(judgement.verdict).toBe('pass')
  expect(judgement.outputs[0]).toEqual({
    name: 'norm_q',
    verdict: 'not-judged',
    reason: 'does not come about without param.norm1.weight',
  })
})

test('where every float32 evaluation may overflow nothing is judged, and nothing fails', () => {
  const question = full('stvit/eq1', { magnitude: 1e20 })
  const lost = new Map(
    ['S_hat', 'S'].map((name) => [name, fromReal(new Float32Array(48).fill(NaN), [4, 12])]),
  )
  const judgement = judge.judge(question, lost)
  expect(judgement.verdict).toBe('not-judged')
  expect(judgement.outputs.map(({ reason }) => reason)).toEqual([UNCERTAIN, UNCERTAIN])
})
