import type { Tensor } from '../../../reference/tensor.ts'
import { generate, map, mapRows } from '../tensors.ts'
import { bf16, fp16 } from './formats.ts'
import { LOGIT_LOSSES, ONE } from './groups.ts'
import { changed, config, nth, operands, rule, type Class, type Mutant } from './mutant.ts'

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

/** Bugs of Sparsifiner’s losses of logits, Eqs. (7) and (9). */
export const logitLossMutants: readonly Mutant[] = [
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
]
