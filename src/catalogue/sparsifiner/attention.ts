import { sparseAttention as text } from '../../../reference/sparsifiner/sparse-attention.ts'
import { attentionOf } from '../ask.ts'
import type { Sizes } from '../dimensions.ts'
import type { Config, Equation, Violation } from '../schema.ts'
import { attentionParams, channels, heads, scale, splitIntoHeads } from '../specs.ts'
import { connectivity } from './connectivity.ts'
import { tau } from './eq2.ts'
import { normalizations, normalize } from './eq4.ts'

const classRows = ['sparse', 'dense'] as const
const dense = ['class_row', 'dense'] as const

export const attention: Equation = {
  id: 'sparsifiner/attention',
  title: 'Sparse multi-head attention',
  source: 'Sparsifiner Eqs. (1) to (4) and (6), §3, on every head',
  file: 'reference/sparsifiner/sparse-attention.ts',
  inputs: { X: { dims: ['..', 'n', 'C'], fill: 'tokens' } },
  params: {
    ...attentionParams,
    W_down: { dims: ['m', 'n'], fill: 'weight' },
    W_up: { dims: ['m', 'n'], fill: 'basis' },
  },
  config: {
    heads,
    tau,
    ...connectivity.config,
    scale,
    normalize,
    class_row: {
      kind: 'choice',
      choices: classRows,
      default: 'sparse',
      about: 'whether row 0, the class token, attends like all others (the paper) or to everything',
    },
  },
  exposes: {
    q: { dims: ['..', 'h', 'n', 'd'] },
    k: { dims: ['..', 'h', 'n', 'd'] },
    v: { dims: ['..', 'h', 'n', 'd'] },
    'eq1.K_down': { dims: ['..', 'h', 'm', 'd'] },
    'eq1.logits': { dims: ['..', 'h', 'nq', 'm'] },
    'eq1.A_down': { dims: ['..', 'h', 'nq', 'm'] },
    'eq2.A_tilde': { dims: ['..', 'h', 'nq', 'm'] },
    'eq3.scores': { dims: ['..', 'h', 'nq', 'n'] },
    'eq3.M': { dims: ['..', 'h', 'nq', 'n'], kind: 'mask', output: true },
    'eq4.logits': { dims: ['..', 'h', 'nq', 'n'], judgedAt: 'eq3.M' },
    'eq4.A_sparse': { dims: ['..', 'h', 'nq', 'n'] },
    'eq6.X_next': { dims: ['..', 'h', 'nq', 'd'] },
    'class.logits': { dims: ['..', 'h', '1', 'n'], when: dense },
    'class.A': { dims: ['..', 'h', '1', 'n'], when: dense },
    heads: { dims: ['..', 'n', 'C'] },
    attn: { dims: ['..', 'n', 'C'], output: true },
  },
  oneOf: connectivity.oneOf,
  derive: (sizes, config) => {
    const split = splitIntoHeads(sizes, config)
    return 'where' in split ? split : withQueries(split, config)
  },
  resolve: connectivity.resolve,
  sizes: (draw, config) => ({
    n: draw.integer(config['class_row'] === 'dense' ? 2 : 1, 12),
    C: channels(draw, config),
    m: draw.integer(1, 8),
  }),
  sampleConfig: (draw) => ({
    heads: draw.pick([1, 2, 3]),
    ...connectivity.sampleConfig(draw),
    normalize: draw.pick(normalizations),
    class_row: draw.pick(classRows),
  }),
  evaluate: (a, ask) => {
    const params = { attn: attentionOf(ask), W_down: ask.param('W_down'), W_up: ask.param('W_up') }
    return text(a, { X: ask.input('X') }, params, {
      heads: ask.number('heads'),
      tau: ask.number('tau'),
      budget: ask.number('budget'),
      basis_threshold: ask.optionalNumber('basis_threshold'),
      scale: ask.optionalNumber('scale'),
      normalize: ask.choice('normalize', normalizations),
      class_row: ask.choice('class_row', classRows),
    })
  },
}

/** nq: the queries that Eqs. (1) to (6) see. */
function withQueries(sizes: Sizes, { class_row }: Config): Sizes | Violation {
  if (class_row !== 'dense') return { ...sizes, nq: sizes['n'] }
  if (sizes['n'] > 1) return { ...sizes, nq: sizes['n'] - 1 }
  return {
    where: 'input.X',
    expected: 'two tokens or more with class_row "dense"',
    found: 'the class token alone',
  }
}
