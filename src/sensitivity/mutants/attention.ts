import type { Tensor } from '../../../reference/tensor.ts'
import { generate } from '../tensors.ts'
import { softmaxWith } from './bugs.ts'
import { bf16, fp16 } from './formats.ts'
import { CROSS, ONE, SCALED, SOFTMAX } from './groups.ts'
import { nth, rule, type Class, type Mutant, type Rules } from './mutant.ts'

type SoftmaxBug = Omit<Parameters<typeof softmaxWith>[1], 'kept'>

/** Softmax and masked softmax with the same bug. */
function softmax(id: string, of: Class, about: string, bug: SoftmaxBug): Mutant {
  return rule(id, of, SOFTMAX, about, () => ({
    softmax: (x) => softmaxWith(x, bug),
    maskedSoftmax: ({ kept }, { values }) => ({ values: softmaxWith(values, { ...bug, kept }), kept }),
  }))
}

/** Scale and sparse scale with another factor. */
function scale(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: (factor: number, width: number, x: Tensor) => number,
): Mutant {
  return rule(id, of, equations, about, ({ scale: times, matmulTransposed, matmulAt, sparseScale }) => {
    let width = 1
    return {
      matmulTransposed(x, y) {
        width = x.shape.at(-1) ?? 1
        return matmulTransposed(x, y)
      },
      matmulAt(mask, x, y) {
        width = x.shape.at(-1) ?? 1
        return matmulAt(mask, x, y)
      },
      scale: (x, factor) => times(x, bug(factor, width, x)),
      sparseScale: (x, factor) => sparseScale(x, bug(factor, width, x.values)),
    }
  })
}

/** A constant as somebody writes it who does not want to write it all. */
const digits = (x: number, n: number): number => Number(x.toPrecision(n))

const most = (row: readonly number[]): number => row.reduce((max, value) => Math.max(max, value), -Infinity)

/** Softmax down the columns: over queries. */
function overQueries({ swapAxes, softmax: along }: Rules): Rules['softmax'] {
  return (x) => swapAxes(along(swapAxes(x, -1, -2)), -1, -2)
}

/** Bugs of softmax and of the scale of its logits, wherever they stand. */
export const attentionMutants: readonly Mutant[] = [
  scale('no-scale', 'gross', SCALED, 'the logits are not scaled.', () => 1),
  scale('scale-squared', 'gross', SCALED, 'the scale is 1/d, not 1/√d.', (factor) => factor * factor),
  scale('scale-inverted', 'gross', SCALED, 'the logits are divided by the scale.', (factor) => 1 / factor),
  rule('scale-of-C', 'medium', CROSS, 'the scale is 1/√C, not 1/√d.', ({ scale: times }, { sizes }) => ({
    scale: (x) => times(x, 1 / Math.sqrt(sizes['C'])),
  })),
  scale(
    'scale-of-keys',
    'gross',
    SCALED,
    'the scale is one over the root of the number of keys.',
    (_, __, x) => 1 / Math.sqrt(x.shape.at(-1) ?? 1),
  ),
  scale(
    'scale-of-d-plus-1',
    'medium',
    SCALED,
    'the scale is 1/√(d + 1).',
    (factor, width) => factor * Math.sqrt(width / (width + 1)),
  ),
  scale('scale-in-bf16', 'medium', SCALED, 'the scale is a bfloat16 constant.', bf16),
  scale('scale-in-fp16', 'medium', SCALED, 'the scale is a float16 constant.', fp16),
  scale('scale-of-4-digits', 'subtle', SCALED, 'the scale is written with four digits.', (factor) =>
    digits(factor, 4),
  ),

  rule('softmax-over-queries', 'gross', ONE.layer1, 'the softmax runs over queries.', (rules) => ({
    softmax: overQueries(rules),
  })),
  rule(
    'softmax-over-the-other-axis',
    'gross',
    ['stvit/eq2', 'stvit/eq3', 'stvit/eq6', 'sparsifiner/eq1', 'sparsifiner/eq4'],
    'the softmax runs over the axis before the last.',
    (rules) => ({ softmax: overQueries(rules) }),
  ),
  softmax('no-normalisation', 'gross', 'the powers are not divided by their sum.', { sum: () => 1 }),
  softmax('sum-of-all-but-one', 'gross', 'the sum of the powers misses one at the maximum.', {
    sum: (total) => Math.max(total - 1, 2 ** -20),
  }),
  softmax('softmax-base-2', 'gross', '2^x in place of e^x.', {
    logits: (row) => row.map((value) => value * Math.LN2),
  }),
  softmax('last-key-dropped', 'gross', 'the last key takes no part.', {
    logits: (row) => (row.length === 1 ? row : row.with(row.length - 1, -Infinity)),
  }),
  softmax('first-key-twice', 'gross', 'the first key is counted twice in the sum.', {
    logits: (row) => row.with(0, row[0] + Math.LN2),
  }),
  rule('padded-key', 'medium', SOFTMAX, 'a padding key of logit 0 takes part in the sum.', () => {
    const bug: SoftmaxBug = { sum: (total, max) => total + Math.exp(-max) }
    return {
      softmax: (x) => softmaxWith(x, bug),
      maskedSoftmax: ({ kept }, { values }) => ({ values: softmaxWith(values, { ...bug, kept }), kept }),
    }
  }),
  softmax('denominator-1e-3', 'medium', '1e-3 is added to the sum.', { sum: (total) => total + 1e-3 }),
  softmax('denominator-1e-5', 'medium', '1e-5 is added to the sum.', { sum: (total) => total + 1e-5 }),
  softmax('denominator-1e-6', 'subtle', '1e-6 is added to the sum, as in timm’s masked softmax.', {
    sum: (total) => total + 1e-6,
  }),
  softmax('exp-clamped', 'medium', 'logits more than 8 below the maximum are set 8 below it.', {
    logits: (row) => row.map((value) => Math.max(value, most(row) - 8)),
  }),
  softmax('small-weights-lost', 'subtle', 'powers below 2⁻¹⁴, float16’s smallest normal number, become 0.', {
    logits: (row) => row.map((value) => (value - most(row) < -14 * Math.LN2 ? -Infinity : value)),
  }),
  softmax('log2e-of-5-digits', 'medium', 'log₂e is 1.4427, 3.4e-6 high.', {
    logits: (row) => row.map((value) => value * (digits(Math.LOG2E, 5) * Math.LN2)),
  }),
  softmax('log2e-of-4-digits', 'medium', 'log₂e is 1.443: a temperature of 2.1e-4.', {
    logits: (row) => row.map((value) => value * (digits(Math.LOG2E, 4) * Math.LN2)),
  }),
  softmax('temperature-1e-6', 'subtle', 'the logits are 1e-6 too large.', {
    logits: (row) => row.map((value) => value * (1 + 1e-6)),
  }),
  softmax('exp-of-16-bits', 'subtle', 'exp is off by up to 2⁻¹⁶, in waves, as a short polynomial is.', {
    logits: (row) => row.map((value) => value + 2 ** -16 * Math.sin(40 * value)),
  }),
  softmax('exp-of-12-bits', 'medium', 'exp is off by up to 2⁻¹², in waves.', {
    logits: (row) => row.map((value) => value + 2 ** -12 * Math.sin(40 * value)),
  }),
  softmax('weights-of-sum-20-bits', 'subtle', 'the reciprocal of the sum is 2⁻²⁰ off.', {
    sum: (total) => total * (1 + 2 ** -20),
  }),
  rule(
    'softmax-rows-shifted',
    'gross',
    ['stvit/eq1', 'stvit/eq2', 'stvit/eq6'],
    'weights are used one row further down.',
    ({ matmul }) => ({
      matmul: nth(matmul, 0, (x, y) => {
        const width = x.shape.at(-1) ?? 1
        return matmul(
          generate(x, x.shape, (i) => x.data[(i + width) % x.size]),
          y,
        )
      }),
    }),
  ),
]
