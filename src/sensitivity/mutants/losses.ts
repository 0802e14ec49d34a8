import type { Tensor } from '../../../reference/tensor.ts'
import type { Value } from '../../../reference/evaluator.ts'
import { generate, map, mapRows } from '../tensors.ts'
import { transposed } from './bugs.ts'
import { bf16, fp16 } from './formats.ts'
import { LOGIT_LOSSES, ONE, SQUARED_LOSSES, SUMMED_LOSSES } from './groups.ts'
import {
  changed,
  config,
  exchanged,
  nth,
  operands,
  rule,
  type Class,
  type Mutant,
  type Rules,
} from './mutant.ts'

/** The reduction that makes a loss of everything, in whichever rule it is. */
function lastReduction(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: (usual: Tensor, x: Tensor, rules: Rules) => Tensor,
): Mutant {
  return rule(id, of, equations, about, (rules) => ({
    mean: (x, over) => (over === 'all' ? bug(rules.mean(x, over), x, rules) : rules.mean(x, over)),
    sum: (x, over) => (over === 'all' ? bug(rules.sum(x, over), x, rules) : rules.sum(x, over)),
  }))
}

const times =
  (factor: (x: Tensor) => number) =>
  (usual: Tensor, x: Tensor): Tensor =>
    map(usual, (value) => value * factor(x))

const logOf = (p: number): number => Math.log(p)

/** log-softmax by way of probabilities. */
function byProbabilities(x: Tensor, log: (p: number) => number): Tensor {
  return mapRows(x, (row) => {
    const max = row.reduce((most, value) => Math.max(most, value), -Infinity)
    const powers = Float64Array.from(row, (value) => Math.exp(value - max))
    const sum = powers.reduce((total, power) => total + power, 0)
    return powers.map((power) => log(power / sum))
  })
}

const logits = (id: string, of: Class, about: string, log: (p: number) => number): Mutant =>
  rule(id, of, LOGIT_LOSSES, about, () => ({ logSoftmax: (x) => byProbabilities(x, log) }))

function scalar(tensors: Map<string, Value>, name: string, change: (x: number) => number): void {
  changed(
    tensors,
    (tensor) => tensor === `input.${name}`,
    (x) => map(x, change),
  )
}

const LAMBDAS = ['lambda_token', 'lambda_cls', 'lambda_attn', 'lambda_spa'] as const

/** Bugs of Sparsifiner's losses, Eqs. (7) to (12). */
export const lossMutants: readonly Mutant[] = [
  lastReduction(
    'sum-for-mean',
    'gross',
    ['sparsifiner/eq7', 'sparsifiner/eq8', 'sparsifiner/eq9'],
    'summed where it should be averaged.',
    times((x) => x.size),
  ),
  lastReduction(
    'mean-for-sum',
    'gross',
    ONE.sparsity,
    'averaged where it should be summed.',
    times((x) => 1 / x.size),
  ),
  config(
    'other-reduction',
    'gross',
    ONE.distillation,
    '"sum" where "mean" is asked for, or the other way round.',
    ({ reduction }) => ({
      reduction: reduction === 'mean' ? 'sum' : 'mean',
    }),
  ),
  lastReduction(
    'count-minus-1',
    'medium',
    ['sparsifiner/eq7', 'sparsifiner/eq8', 'sparsifiner/eq9'],
    'the mean is over one fewer.',
    times((x) => x.size / Math.max(1, x.size - 1)),
  ),
  rule(
    'mean-over-classes-too',
    'gross',
    LOGIT_LOSSES,
    'the mean runs over classes as well.',
    ({ mean }, { sizes }) => ({
      mean: (x, over) => map(mean(x, over), (value) => value / sizes['k']),
    }),
  ),
  lastReduction(
    'mean-over-last-axis-only',
    'gross',
    ['sparsifiner/eq8', 'sparsifiner/eq10'],
    'divided by the last extent alone.',
    (_, x, { sum }) => map(sum(x, 'all'), (value) => value / (x.shape.at(-1) ?? 1)),
  ),
  lastReduction(
    'half',
    'gross',
    SQUARED_LOSSES,
    'one half of the sum of squares.',
    times(() => 0.5),
  ),
  lastReduction('root-of-loss', 'gross', SQUARED_LOSSES, 'the root of the sum, a norm.', (usual) =>
    map(usual, (value) => Math.sqrt(Math.abs(value))),
  ),
  lastReduction('loss-plus-1e-6', 'medium', SUMMED_LOSSES, '1e-6 is added to the loss.', (usual) =>
    map(usual, (value) => value + 1e-6),
  ),
  lastReduction(
    'last-term-skipped',
    'gross',
    SUMMED_LOSSES,
    'the last term of the last sum is skipped.',
    (usual, x, { mean, sum }) => {
      const cut = generate(x, x.shape, (i) => (i === x.size - 1 ? 0 : x.data[i]))
      return usual.data[0] === mean(x, 'all').data[0] ? mean(cut, 'all') : sum(cut, 'all')
    },
  ),
  rule(
    'absolute-difference',
    'gross',
    SQUARED_LOSSES,
    '|difference| in place of its square.',
    ({ multiply }) => ({
      multiply: (x, y) => (x === y ? map(x, Math.abs) : multiply(x, y)),
    }),
  ),
  rule(
    'huber',
    'medium',
    ONE.token,
    'smooth L1: beyond a difference of 1 it grows linearly.',
    ({ multiply }) => ({
      multiply: (x, y) => map(multiply(x, y), (value) => (value > 1 ? 2 * Math.sqrt(value) - 1 : value)),
    }),
  ),
  rule(
    'teacher-added',
    'gross',
    ['sparsifiner/eq8', 'sparsifiner/eq10'],
    'the teacher is added, not subtracted.',
    ({ add }) => ({ subtract: add }),
  ),
  rule(
    'teacher-ignored',
    'gross',
    ['sparsifiner/eq8', 'sparsifiner/eq10'],
    'the teacher is not subtracted.',
    () => ({ subtract: (x) => x }),
  ),
  rule('squares-in-bf16', 'medium', SQUARED_LOSSES, 'squares are stored in bfloat16.', ({ multiply }) => ({
    multiply: (x, y) => map(multiply(x, y), bf16),
  })),
  rule(
    'difference-in-fp16',
    'medium',
    ['sparsifiner/eq8', 'sparsifiner/eq10'],
    'differences are stored in float16.',
    ({ subtract }) => ({
      subtract: (x, y) => map(subtract(x, y), fp16),
    }),
  ),
  operands(
    'teacher-in-bf16',
    'medium',
    ['sparsifiner/eq8', 'sparsifiner/eq9', 'sparsifiner/eq10'],
    'what the teacher says is stored in bfloat16.',
    (tensors) =>
      changed(
        tensors,
        (name) => name.endsWith('teach'),
        (x) => map(x, bf16),
      ),
  ),

  rule('sign-lost', 'gross', ONE.classification, 'the minus sign is left out.', () => ({ scale: (x) => x })),
  rule(
    'targets-of-first-sample',
    'gross',
    ONE.classification,
    'the target of the first sample serves all.',
    ({ weigh }) => ({
      weigh: (w, x) =>
        weigh(
          generate(w, w.shape, (i) => w.data[i % (w.shape.at(-1) ?? 1)]),
          x,
        ),
    }),
  ),
  rule(
    'hard-targets',
    'medium',
    ONE.classification,
    'only the largest entry of a target counts, as 1.',
    ({ weigh }) => ({
      weigh: (w, x) =>
        weigh(
          mapRows(w, (row) => {
            const best = row.indexOf(Math.max(...row))
            return Float64Array.from(row, (_, i) => Number(i === best))
          }),
          x,
        ),
    }),
  ),
  rule(
    'smoothing-again',
    'medium',
    ONE.classification,
    'targets are smoothed by 0.1 once more.',
    ({ weigh }) => ({
      weigh: (w, x) =>
        weigh(
          map(w, (value) => 0.9 * value + 0.1 / (w.shape.at(-1) ?? 1)),
          x,
        ),
    }),
  ),
  operands('logits-shifted', 'gross', ONE.classification, 'classes are counted from 1.', (tensors) =>
    changed(
      tensors,
      (name) => name === 'input.target',
      (x) => {
        const k = x.shape.at(-1) ?? 1
        return generate(x, x.shape, (i) => x.data[i - (i % k) + ((i + 1) % k)])
      },
    ),
  ),
  logits('no-log', 'gross', 'probabilities in place of their logarithms.', (p) => p),
  logits('log-base-2', 'gross', 'logarithms to base 2.', (p) => Math.max(-1e4, Math.log2(p))),
  logits('log-of-p-plus-1e-6', 'medium', 'log(p + 1e-6).', (p) => logOf(p + 1e-6)),
  logits('log-of-p-plus-1e-8', 'subtle', 'log(p + 1e-8).', (p) => logOf(p + 1e-8)),
  logits('log-clamped', 'medium', 'log p is kept from falling below −10.', (p) => Math.max(-10, logOf(p))),
  logits(
    'log-of-16-bits',
    'subtle',
    'log is off by up to 2⁻¹⁶, in waves.',
    (p) => logOf(p) + 2 ** -16 * Math.sin(40 * logOf(Math.max(p, 1e-300))),
  ),
  rule(
    'temperature-2',
    'gross',
    LOGIT_LOSSES,
    'logits are divided by a temperature of 2.',
    ({ logSoftmax, scale }) => ({
      logSoftmax: (x) => logSoftmax(scale(x, 0.5)),
    }),
  ),
  rule('logits-1e-6', 'subtle', LOGIT_LOSSES, 'logits are 1e-6 too large.', ({ logSoftmax }) => ({
    logSoftmax: (x) => logSoftmax(map(x, (value) => value * (1 + 1e-6))),
  })),
  rule(
    'log-probs-in-fp16',
    'medium',
    LOGIT_LOSSES,
    'log-probabilities are stored in float16.',
    ({ logSoftmax }) => ({
      logSoftmax: (x) => map(logSoftmax(x), fp16),
    }),
  ),
  rule('logits-in-bf16', 'medium', LOGIT_LOSSES, 'logits are stored in bfloat16.', ({ logSoftmax }) => ({
    logSoftmax: (x) => logSoftmax(map(x, bf16)),
  })),
  config('other-direction', 'gross', ONE.prediction, 'KL the other way round.', ({ direction }) => ({
    direction: direction === 'pred,teach' ? 'teach,pred' : 'pred,teach',
  })),
  rule('cross-entropy', 'gross', ONE.prediction, 'the entropy of p is left out.', ({ scale }) => ({
    subtract: (_, y) => scale(y, -1),
  })),
  rule(
    'teacher-not-softmaxed',
    'gross',
    ONE.prediction,
    'the teacher’s logits are taken for log-probabilities.',
    ({ logSoftmax }) => ({
      logSoftmax: nth(logSoftmax, 1, (x) => x),
    }),
  ),
  rule(
    'kl-of-squared-temperature',
    'gross',
    ONE.prediction,
    'temperature 4 and its square as a factor, as in distillation.',
    ({ logSoftmax, scale, mean }) => ({
      logSoftmax: (x) => logSoftmax(scale(x, 0.25)),
      mean: (x, over) => scale(mean(x, over), 16),
    }),
  ),
  rule('absolute-kl', 'gross', ONE.prediction, 'terms are made positive.', ({ weigh }) => ({
    weigh: (w, x) => map(weigh(w, x), Math.abs),
  })),

  operands(
    'teacher-transposed',
    'gross',
    ONE.distillation,
    'the teacher’s attention is read transposed.',
    (tensors) => changed(tensors, (name) => name === 'input.A_teach', transposed),
  ),
  rule(
    'basis-thresholded',
    'medium',
    ONE.distillation,
    'the basis is thresholded at 1e-2, as for the mask.',
    ({ matmul }) => ({
      matmul: (x, y) =>
        matmul(
          x,
          map(y, (value) => (Math.abs(value) > 0.01 ? value : 0)),
        ),
    }),
  ),
  rule(
    'scores-softmaxed',
    'gross',
    ONE.distillation,
    'scores pass through a softmax.',
    ({ matmul, softmax }) => ({
      matmul: (x, y) => softmax(matmul(x, y)),
    }),
  ),
  rule('scores-relu', 'medium', ONE.distillation, 'negative scores count as 0.', ({ matmul }) => ({
    matmul: (x, y) => map(matmul(x, y), (value) => Math.max(0, value)),
  })),
  operands('small-weights-left-out', 'medium', ONE.sparsity, 'entries up to 1e-2 do not count.', (tensors) =>
    changed(
      tensors,
      (name) => name === 'param.W_up',
      (x) => map(x, (value) => (Math.abs(value) > 0.01 ? value : 0)),
    ),
  ),

  ...LAMBDAS.map((lambda) =>
    config(`no-${lambda}`, 'gross', ONE.total, `${lambda} is taken for 0.`, () => ({ [lambda]: 0 })),
  ),
  ...LAMBDAS.map((lambda) =>
    config(`${lambda}-negated`, 'gross', ONE.total, `${lambda} has the other sign.`, (asked) => ({
      [lambda]: -Number(asked[lambda]),
    })),
  ),
  config('lambdas-rotated', 'gross', ONE.total, 'every λ weighs the next term.', (asked) =>
    Object.fromEntries(LAMBDAS.map((lambda, i) => [lambda, asked[LAMBDAS[(i + 1) % LAMBDAS.length]]])),
  ),
  config('lambdas-squared', 'medium', ONE.total, 'every λ is applied twice.', (asked) =>
    Object.fromEntries(LAMBDAS.map((lambda) => [lambda, Number(asked[lambda]) ** 2])),
  ),
  config('lambdas-of-2-digits', 'medium', ONE.total, 'every λ is rounded to two digits.', (asked) =>
    Object.fromEntries(LAMBDAS.map((lambda) => [lambda, Number(Number(asked[lambda]).toPrecision(2))])),
  ),
  config('lambda-spa-1e-4', 'medium', ONE.total, 'a weight decay of 1e-4 counts as λ_spa.', (asked) => ({
    lambda_spa: Number(asked['lambda_spa']) + 1e-4,
  })),
  operands(
    'cls-and-kl-swapped',
    'gross',
    ONE.total,
    'L_cls and L_kl are swapped.',
    exchanged('input.L_cls', 'input.L_kl'),
  ),
  operands(
    'token-and-attn-swapped',
    'gross',
    ONE.total,
    'L_token and L_attn are swapped.',
    exchanged('input.L_token', 'input.L_attn'),
  ),
  operands('no-cls', 'gross', ONE.total, 'L_cls is left out.', (tensors) =>
    scalar(tensors, 'L_cls', () => 0),
  ),
  operands(
    'cls-weighted-too',
    'gross',
    ONE.total,
    'λ_cls weighs L_cls as well.',
    (tensors, { config: { lambda_cls } }) => scalar(tensors, 'L_cls', (value) => value * Number(lambda_cls)),
  ),
  operands('terms-in-bf16', 'medium', ONE.total, 'the terms are stored in bfloat16.', (tensors) =>
    changed(
      tensors,
      () => true,
      (x) => map(x, bf16),
    ),
  ),
  operands('terms-in-fp16', 'medium', ONE.total, 'the terms are stored in float16.', (tensors) =>
    changed(
      tensors,
      () => true,
      (x) => map(x, fp16),
    ),
  ),
  rule('total-in-bf16', 'medium', ONE.total, 'the running total is stored in bfloat16.', ({ add }) => ({
    add: (x, y) => map(add(x, y), bf16),
  })),
  rule('total-of-five-averaged', 'gross', ONE.total, 'the terms are averaged.', ({ add, scale }) => ({
    add: nth(add, 3, (x, y) => scale(add(x, y), 0.2)),
  })),
]
