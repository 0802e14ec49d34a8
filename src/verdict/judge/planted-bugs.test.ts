import { describe, expect, test } from 'vitest'
import { tensor } from '../../../reference/tensor.ts'
import { catalogue } from '../../catalogue/index.ts'
import { judge } from '../index.ts'
import { type Rules, type Plant, full, mapped, answer, expectBlamed, type Options } from './testing.ts'

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
