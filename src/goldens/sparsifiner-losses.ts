import type { Value } from '../../reference/evaluator.ts'
import { dense, drawn, filled, times, type Recipe } from './recipe.ts'

const eq7: readonly Recipe[] = [
  drawn('sparsifiner/eq7', 'one-hot', 'labels', { sizes: { B: 2, k: 4 } }, () => ({
    'input.target': dense([2, 4], [0, 0, 1, 0, 1, 0, 0, 0]),
  })),
  drawn('sparsifiner/eq7', 'soft', 'smoothed labels', { sizes: { B: 3, k: 5 } }, (t) => ({
    'input.target': filled(t('input.target'), (i) => (i % 5 === 1 ? 0.9 : 0.025)),
  })),
  drawn(
    'sparsifiner/eq7',
    'saturated',
    'the label’s probability underflows, its log does not',
    { sizes: { B: 2, k: 3 } },
    () => ({
      'input.logits': dense([2, 3], [0, 200, -200, 1000, 0, -1000]),
      'input.target': dense([2, 3], [0, 0, 1, 0, 1, 0]),
    }),
  ),
  drawn(
    'sparsifiner/eq7',
    'not-a-distribution',
    'a target need not sum to one',
    { sizes: { B: 1, k: 3 } },
    () => ({ 'input.target': dense([1, 3], [2, -1, 0.5]) }),
  ),
  drawn('sparsifiner/eq7', 'one-class', 'k = 1: the loss is 0', { sizes: { B: 2, k: 1 } }),
  drawn(
    'sparsifiner/eq7',
    'no-target',
    'a target of zeros: the loss is 0',
    { sizes: { B: 2, k: 3 } },
    (t) => ({ 'input.target': times(t('input.target'), 0) }),
  ),
]

const eq8: readonly Recipe[] = [
  drawn('sparsifiner/eq8', 'tokens', 'a batch of tokens', { lead: [2, 3, 4] }),
  drawn('sparsifiner/eq8', 'vector', 'one axis', { lead: [5] }),
  drawn('sparsifiner/eq8', 'scalar', 'no axis at all', { lead: [] }),
  drawn('sparsifiner/eq8', 'equal', 'equal tokens: exactly 0', { lead: [2, 3] }, (t) => ({
    'input.x_teach': t('input.x'),
  })),
  drawn('sparsifiner/eq8', 'nearly-equal', 'differences of a few ULP', { lead: [2, 3] }, (t) => ({
    'input.x_teach': filled(t('input.x'), (i) => t('input.x').data[i] * (1 + 2 ** -21)),
  })),
  drawn('sparsifiner/eq8', 'large', 'squares near 1e30', { lead: [2, 3] }, (t) => ({
    'input.x': times(t('input.x'), 1e15),
  })),
]

const eq9: readonly Recipe[] = [
  drawn('sparsifiner/eq9', 'as-printed', 'KL(pred ‖ teach)', { sizes: { B: 3, k: 4 }, config: {} }),
  drawn('sparsifiner/eq9', 'authors-direction', 'KL(teach ‖ pred)', {
    sizes: { B: 3, k: 4 },
    config: { direction: 'teach,pred' },
  }),
  drawn(
    'sparsifiner/eq9',
    'equal',
    'equal logits: exactly 0',
    { sizes: { B: 2, k: 3 }, config: {} },
    (t) => ({ 'input.logits_teach': t('input.logits') }),
  ),
  drawn(
    'sparsifiner/eq9',
    'saturated',
    'probabilities that underflow count 0·log 0 = 0',
    { sizes: { B: 1, k: 3 }, config: {} },
    () => ({
      'input.logits': dense([1, 3], [0, 300, -300]),
      'input.logits_teach': dense([1, 3], [1, 2, 3]),
    }),
  ),
  drawn(
    'sparsifiner/eq9',
    'shifted',
    'logits that differ by a constant: 0 but for rounding',
    { sizes: { B: 2, k: 3 }, config: {} },
    (t) => ({
      'input.logits_teach': filled(t('input.logits'), (i) => t('input.logits').data[i] + 8),
    }),
  ),
  drawn('sparsifiner/eq9', 'one-class', 'k = 1: the loss is 0', { sizes: { B: 2, k: 1 }, config: {} }),
]

const eq10: readonly Recipe[] = (['mean', 'sum'] as const).flatMap((reduction) => [
  drawn('sparsifiner/eq10', `${reduction}-usual`, 'sparse coefficients, batch and heads', {
    lead: [2, 2],
    sizes: { n: 4, m: 2 },
    config: { reduction },
  }),
  drawn('sparsifiner/eq10', `${reduction}-one-token`, 'n = m = 1', {
    lead: [],
    sizes: { n: 1, m: 1 },
    config: { reduction },
  }),
  drawn(
    'sparsifiner/eq10',
    `${reduction}-no-coefficients`,
    'the loss is that of the teacher alone',
    { lead: [], sizes: { n: 3, m: 2 }, config: { reduction } },
    (t) => ({
      'input.A_tilde': times(t('input.A_tilde'), 0),
    }),
  ),
])

const eq11: readonly Recipe[] = [
  drawn('sparsifiner/eq11', 'usual', 'a small basis', { sizes: { m: 3, n: 5 } }),
  drawn('sparsifiner/eq11', 'one-entry', 'm = n = 1', { sizes: { m: 1, n: 1 } }),
  drawn('sparsifiner/eq11', 'zeros', 'exactly 0', { sizes: { m: 2, n: 3 } }, (t) => ({
    'param.W_up': times(t('param.W_up'), 0),
  })),
  drawn(
    'sparsifiner/eq11',
    'integers',
    'a sum that is exact in any order',
    { sizes: { m: 2, n: 3 } },
    () => ({ 'param.W_up': dense([2, 3], [1, -2, 3, -4, 5, -6]) }),
  ),
  drawn(
    'sparsifiner/eq11',
    'tiny',
    'squares that leave the normal range',
    { sizes: { m: 2, n: 3 } },
    (t) => ({ 'param.W_up': times(t('param.W_up'), 1e-18) }),
  ),
  drawn(
    'sparsifiner/eq11',
    'mixed-magnitudes',
    'small terms beside a large one',
    { sizes: { m: 1, n: 4 } },
    () => ({ 'param.W_up': dense([1, 4], [4096, 0.25, 0.25, 0.25]) }),
  ),
]

const losses = (values: readonly number[]): Record<string, Value> =>
  Object.fromEntries(
    ['L_cls', 'L_token', 'L_kl', 'L_attn', 'L_spa'].map((name, i) => [
      `input.${name}`,
      { kind: 'dense', tensor: dense([], [values[i]]) },
    ]),
  )
const eq12: readonly Recipe[] = [
  drawn('sparsifiner/eq12', 'phase-1', 'the paper’s first phase: attention loss only', {
    config: { lambda_attn: 1 },
  }),
  drawn('sparsifiner/eq12', 'phase-2', 'the paper’s second phase', {
    config: { lambda_token: 0.5, lambda_cls: 0.5 },
  }),
  drawn('sparsifiner/eq12', 'defaults', 'every λ 0: L_cls', { config: {} }),
  drawn(
    'sparsifiner/eq12',
    'all-terms',
    'powers of two: each term shows in the sum',
    { config: { lambda_token: 1, lambda_cls: 1, lambda_attn: 1, lambda_spa: 1 } },
    () => losses([1, 2, 4, 8, 16]),
  ),
  drawn('sparsifiner/eq12', 'each-its-own-weight', 'no λ may be taken for another', {
    config: { lambda_token: 2, lambda_cls: 3, lambda_attn: 5, lambda_spa: 7 },
  }),
  drawn(
    'sparsifiner/eq12',
    'cancelling',
    'negative weights are allowed',
    { config: { lambda_token: -1, lambda_cls: 0.1 } },
    () => losses([1, 1, 1e-7, 3, 3]),
  ),
]

/** Golden recipes of Sparsifiner's losses, Eqs. (7) to (12). */
export const sparsifinerLossRecipes: readonly Recipe[] = [...eq7, ...eq8, ...eq9, ...eq10, ...eq11, ...eq12]
