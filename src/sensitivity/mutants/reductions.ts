import type { Tensor } from '../../../reference/tensor.ts'
import { generate, map } from '../tensors.ts'
import { bf16, fp16 } from './formats.ts'
import { LOGIT_LOSSES, ONE, SQUARED_LOSSES, SUMMED_LOSSES } from './groups.ts'
import { changed, config, operands, rule, type Class, type Mutant, type Rules } from './mutant.ts'

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

/** Bugs of how Sparsifiner’s losses, Eqs. (7) to (11), make a number of their terms, and of their squares. */
export const reductionMutants: readonly Mutant[] = [
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
]
