import { all, drawn, none, times, type Recipe } from './recipe.ts'

const ATTENTION = 'sparsifiner/attention'
const small = { n: 5, C: 4, m: 3 }
const two = { heads: 2, budget: 2 }
const attention: readonly Recipe[] = [
  drawn(ATTENTION, 'usual', 'two heads, the printed softmax', {
    lead: [],
    sizes: small,
    config: two,
    has: none,
  }),
  drawn(ATTENTION, 'biases-and-masked', 'softmax over the kept entries, every bias there', {
    lead: [],
    sizes: small,
    config: { ...two, normalize: 'masked' },
    has: all,
  }),
  drawn(ATTENTION, 'dense-class-row', 'the class token attends to everything, the others as before', {
    lead: [],
    sizes: small,
    config: { ...two, normalize: 'masked', class_row: 'dense' },
    has: all,
  }),
  drawn(ATTENTION, 'batch', 'W_down and W_up are shared by batch and heads', {
    lead: [2],
    sizes: { ...small, n: 4 },
    config: two,
    has: none,
  }),
  drawn(ATTENTION, 'keep-rate-and-thresholds', 'a budget of ⌈0.5·5⌉ = 3, many scores exactly 0', {
    lead: [],
    sizes: { ...small, m: 6 },
    config: { heads: 1, keep_rate: 0.5, tau: 0.125, basis_threshold: 0.03, scale: 0.4 },
    has: none,
  }),
  drawn(ATTENTION, 'nothing-kept', 'τ = 1 leaves no coefficient: the output is the bias of proj', {
    lead: [],
    sizes: small,
    config: { ...two, tau: 1, normalize: 'masked' },
    has: all,
  }),
  drawn(ATTENTION, 'one-token', 'n = 1: itself or nothing', {
    lead: [],
    sizes: { n: 1, C: 2, m: 2 },
    config: { heads: 1, budget: 1 },
    has: none,
  }),
]

const LINFORMER = 'sparsifiner/linformer'
const n4 = { n: 4, d: 3, m: 2 }
const linformer: readonly Recipe[] = [
  drawn(LINFORMER, 'usual', 'keys and values have a projection each', { lead: [], sizes: n4, has: all }),
  drawn(LINFORMER, 'shared-projection', 'without F, E projects the values too', {
    lead: [2],
    sizes: n4,
    has: none,
  }),
  drawn(LINFORMER, 'one-mixture', 'm = 1: every token gets the one mixture of the values', {
    lead: [],
    sizes: { ...n4, m: 1 },
    has: all,
  }),
  drawn(
    LINFORMER,
    'saturated',
    'logits of hundreds, with a given scale',
    { lead: [], sizes: n4, has: all, config: { scale: 0.408 } },
    (t) => ({ 'input.Q': times(t('input.Q'), 64), 'input.K': times(t('input.K'), 64) }),
  ),
]

const sizes = { B: 2, k: 3, n: 3, C: 2, m: 2 }
const phases: readonly Recipe[] = ['sparsifiner/phase1', 'sparsifiner/phase2'].flatMap((id) => [
  drawn(id, 'usual', 'all terms, of which the phase weighs some', { lead: [2], sizes, config: {} }),
  drawn(id, 'authors-options', 'KL(teach ‖ pred), and the sum of squares for Eq. (10)', {
    lead: [],
    sizes,
    config: { direction: 'teach,pred', reduction: 'sum' },
  }),
  drawn(
    id,
    'student-is-teacher',
    'tokens and predictions of the teacher: L_token and L_kl exactly 0',
    { lead: [], sizes, config: {} },
    (t) => ({ 'input.x_teach': t('input.x'), 'input.logits_teach': t('input.logits') }),
  ),
])

/** Golden recipes of what stands around Sparsifiner's equations. */
export const sparsifinerSurroundingRecipes: readonly Recipe[] = [...attention, ...linformer, ...phases]
