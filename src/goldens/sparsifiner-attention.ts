import { dense, drawn, filled, mask, times, type Recipe } from './recipe.ts'

const n4 = { n: 4, d: 3, m: 2 }
const eq1: readonly Recipe[] = [
  drawn('sparsifiner/eq1', 'usual', 'fewer projected keys than tokens', { lead: [], sizes: n4 }),
  drawn('sparsifiner/eq1', 'batch-and-heads', 'W_down is shared by batch and heads', {
    lead: [2, 2],
    sizes: n4,
  }),
  drawn('sparsifiner/eq1', 'one-token', 'n = d = m = 1: every softmax is 1', {
    lead: [],
    sizes: { n: 1, d: 1, m: 1 },
  }),
  drawn('sparsifiner/eq1', 'given-scale', 'a scale from the config instead of 1/√d', {
    lead: [],
    sizes: n4,
    config: { scale: 0.408 },
  }),
  drawn('sparsifiner/eq1', 'wide-basis', 'm above n', { lead: [], sizes: { n: 3, d: 4, m: 6 } }),
  drawn('sparsifiner/eq1', 'saturated', 'logits of hundreds', { lead: [], sizes: n4 }, (t) => ({
    'input.Q': times(t('input.Q'), 64),
    'input.K': times(t('input.K'), 64),
  })),
]

/** The float32 number next above 0.05 rounded to float32. */
const ABOVE_TAU = Math.fround(0.05) + 2 ** -28
const eq2: readonly Recipe[] = [
  drawn('sparsifiner/eq2', 'usual', 'default τ on probabilities', {
    lead: [],
    sizes: { n: 3, m: 6 },
    config: {},
  }),
  drawn(
    'sparsifiner/eq2',
    'exactly-tau',
    'values equal to τ go: > and not ≥',
    { lead: [], sizes: { n: 2, m: 4 }, config: { tau: 0.25 } },
    () => ({
      'input.A_down': dense([2, 4], [0.25, 0.25, 0.25, 0.25, 0.125, 0.25, 0.5, 0.125]),
    }),
  ),
  drawn(
    'sparsifiner/eq2',
    'around-default-tau',
    '0.05 is no float32: τ is rounded first',
    { lead: [], sizes: { n: 1, m: 3 }, config: {} },
    () => ({
      'input.A_down': dense([1, 3], [Math.fround(0.05), ABOVE_TAU, Math.fround(0.05) - 2 ** -28]),
    }),
  ),
  drawn('sparsifiner/eq2', 'all-below', 'rows of which nothing is left', {
    lead: [2],
    sizes: { n: 2, m: 3 },
    config: { tau: 1 },
  }),
  drawn(
    'sparsifiner/eq2',
    'tau-zero',
    'zeros go, everything positive stays',
    { lead: [], sizes: { n: 2, m: 4 }, config: { tau: 0 } },
    () => ({
      'input.A_down': dense([2, 4], [0, 0.5, 0.5, 0, 2 ** -149, 1, -0, 0]),
    }),
  ),
  drawn(
    'sparsifiner/eq2',
    'negative-tau',
    'a negative τ keeps zeros and negatives above it',
    { lead: [], sizes: { n: 1, m: 4 }, config: { tau: -0.5 } },
    () => ({
      'input.A_down': dense([1, 4], [-0.25, -0.5, -0.75, 0]),
    }),
  ),
]

/** Scores written out: coefficients are the identity, so the rows of W_up are the scores. */
function scores(
  name: string,
  why: string,
  config: Record<string, number>,
  rows: readonly (readonly number[])[],
): Recipe {
  const n = rows[0].length
  const m = rows.length
  const identity = Array.from({ length: n * m }, (_, i) => (Math.floor(i / m) === i % m ? 1 : 0))
  return drawn('sparsifiner/eq3', name, why, { lead: [], sizes: { n, m }, config }, () => ({
    'input.A_tilde': dense([n, m], identity),
    'param.W_up': dense([m, n], rows.flat()),
  }))
}

const eq3: readonly Recipe[] = [
  drawn('sparsifiner/eq3', 'usual', 'a quarter of the connections, batch and heads', {
    lead: [2, 2],
    sizes: { n: 6, m: 3 },
    config: { keep_rate: 0.25 },
  }),
  drawn('sparsifiner/eq3', 'basis-threshold', 'small entries of the basis count as 0', {
    lead: [],
    sizes: { n: 6, m: 4 },
    config: { budget: 3, basis_threshold: 0.02 },
  }),
  drawn('sparsifiner/eq3', 'budget-zero', 'keeps nothing', {
    lead: [],
    sizes: { n: 4, m: 2 },
    config: { budget: 0 },
  }),
  drawn('sparsifiner/eq3', 'budget-above-n', 'a budget above n is n', {
    lead: [],
    sizes: { n: 4, m: 2 },
    config: { budget: 9 },
  }),
  scores('ties', 'equal scores: the lower column wins', { budget: 2 }, [
    [1, 2, 2, 2],
    [3, 3, 3, 3],
    [2, 1, 2, 1],
  ]),
  scores(
    'zeros-before-negatives',
    'zeros rank above negatives, use up budget, and are dropped',
    { budget: 2 },
    [
      [0, -1, 0, -2],
      [5, -1, 0, -2],
      [-1, -2, -3, -4],
      [-0, 1, -1, -0],
    ],
  ),
  scores(
    'basis-exactly-at-threshold',
    'an entry equal to the threshold counts as 0',
    { budget: 3, basis_threshold: 0.25 },
    [
      [0.25, 0.5, -0.25],
      [-0.5, 0.25, 0.125],
    ],
  ),
  drawn(
    'sparsifiner/eq3',
    'empty-rows',
    'rows without coefficients score 0 everywhere and keep nothing',
    { lead: [], sizes: { n: 3, m: 2 }, config: { budget: 2 } },
    (t) => ({
      'input.A_tilde': filled(t('input.A_tilde'), (i) => (i < 2 ? 0 : t('input.A_tilde').data[i])),
    }),
  ),
  drawn('sparsifiner/eq3', 'one-token', 'n = m = 1, keep rate 1', {
    lead: [],
    sizes: { n: 1, m: 1 },
    config: { keep_rate: 1 },
  }),
]

const someKept = mask([4, 4], [1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0])
const eq4: readonly Recipe[] = (['full', 'masked'] as const).flatMap((normalize) => [
  drawn('sparsifiner/eq4', `${normalize}-usual`, 'a random mask, batch and heads', {
    lead: [2, 2],
    sizes: { n: 4, d: 3 },
    config: { normalize },
  }),
  drawn(
    'sparsifiner/eq4',
    `${normalize}-empty-and-full-rows`,
    'a row that keeps nothing is zeros, not NaN; one that keeps all is softmax',
    { lead: [], sizes: { n: 4, d: 3 }, config: { normalize } },
    () => ({
      'input.M': someKept,
    }),
  ),
  drawn(
    'sparsifiner/eq4',
    `${normalize}-saturated`,
    'the largest logit is masked out: a shift by the row’s maximum may underflow everything kept',
    { lead: [], sizes: { n: 4, d: 3 }, config: { normalize } },
    (t) => ({
      'input.Q': times(t('input.Q'), 64),
      'input.M': someKept,
    }),
  ),
  drawn('sparsifiner/eq4', `${normalize}-given-scale`, 'a scale from the config', {
    lead: [],
    sizes: { n: 3, d: 2 },
    config: { normalize, scale: 2 },
  }),
])

const eq5: readonly Recipe[] = [
  drawn('sparsifiner/eq5', 'usual', 'a random mask, batch and heads', { lead: [2, 2], sizes: { n: 4 } }),
  drawn(
    'sparsifiner/eq5',
    'empty-and-full-rows',
    'nothing kept, everything kept',
    { lead: [], sizes: { n: 4 } },
    () => ({ 'input.M': someKept }),
  ),
  drawn('sparsifiner/eq5', 'one-token', 'n = 1', { lead: [], sizes: { n: 1 } }, () => ({
    'input.M': mask([1, 1], [1]),
  })),
  drawn(
    'sparsifiner/eq5',
    'negative',
    'attention need not be positive: M ⊙ A all the same',
    { lead: [], sizes: { n: 4 } },
    (t) => ({
      'input.A': times(t('input.A'), -3),
      'input.M': someKept,
    }),
  ),
  drawn(
    'sparsifiner/eq5',
    'subnormal',
    'values below the normal range',
    { lead: [], sizes: { n: 4 } },
    (t) => ({
      'input.A': times(t('input.A'), 2 ** -130),
      'input.M': someKept,
    }),
  ),
  drawn('sparsifiner/eq5', 'nothing-kept', 'M = 0', { lead: [2], sizes: { n: 2 } }, () => ({
    'input.M': mask([2, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0]),
  })),
]

const eq6: readonly Recipe[] = [
  drawn('sparsifiner/eq6', 'usual', 'some zeros, batch and heads', { lead: [2, 2], sizes: { n: 4, d: 3 } }),
  drawn(
    'sparsifiner/eq6',
    'empty-rows',
    'a row of zeros gives zeros',
    { lead: [], sizes: { n: 3, d: 2 } },
    (t) => ({
      'input.A_sparse': filled(t('input.A_sparse'), (i) => (i < 3 ? 0 : t('input.A_sparse').data[i])),
    }),
  ),
  drawn(
    'sparsifiner/eq6',
    'one-hot',
    'rows that pick one value: exact',
    { lead: [], sizes: { n: 3, d: 2 } },
    () => ({
      'input.A_sparse': dense([3, 3], [0, 0, 1, 1, 0, 0, 0, 1, 0]),
    }),
  ),
  drawn('sparsifiner/eq6', 'one-token', 'n = d = 1', { lead: [], sizes: { n: 1, d: 1 } }),
  drawn(
    'sparsifiner/eq6',
    'cancelling',
    'sums that cancel to their last digits',
    { lead: [], sizes: { n: 3, d: 2 } },
    () => ({
      'input.A_sparse': dense([3, 3], [0.5, 0.25, 0.25, 0.5, 0, 0.5, 0.125, 0.75, 0.125]),
      'input.V': dense([3, 2], [1024, 3, -1024, -4, -1024.0001220703125, -2.0000002384185791]),
    }),
  ),
  drawn('sparsifiner/eq6', 'oblong', 'd above n', { lead: [3], sizes: { n: 2, d: 7 } }),
]

/** Golden recipes of Sparsifiner's attention, Eqs. (1) to (6). */
export const sparsifinerAttentionRecipes: readonly Recipe[] = [...eq1, ...eq2, ...eq3, ...eq4, ...eq5, ...eq6]
