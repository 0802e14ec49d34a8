import { toDense } from '../../reference/float32/rows.ts'
import { random } from '../random.ts'
import type { Law } from './law.ts'
import { demand, identical } from './measured.ts'
import { map, nonZero } from './mutants.ts'
import { ask, changed, tensorOf, valuesOf, withEach } from './questions.ts'
import { filled, mapped, rowsOf } from './rearrange.ts'

const EQ3 = ['sparsifiner/eq3']

/** Laws of what goes into the connectivity mask of Sparsifiner Eq. (3): keep rate, basis and scores. */
export const scoreLaws: readonly Law[] = [
  {
    id: 'keep-rate-rounds-up',
    statement: 'Where all scores are positive, a keep_rate r leaves exactly ⌈r·n⌉ ones in every row.',
    source: 'contract, Sparsifiner 3 and edges: keep_rate → ⌈keep_rate·n⌉',
    equations: EQ3,
    holds(lab, trial) {
      const source = random(trial.seed).fork('keep rate')
      const keep_rate = source.pick([1, 0.5, 0.25, 0.1, 1 - source.uniform()])
      const drawn = lab.sample('sparsifiner/eq3', trial, { config: { keep_rate } })
      const question = withEach(drawn, ['param.W_up'], (w) => mapped(w, (value) => Math.abs(value) + 0.01))
      const ones = rowsOf(lab.answer(question).mask('M')).map(
        (row) => row.filter((byte) => byte === 1).length,
      )
      const expected = Math.ceil(keep_rate * question.sizes['n'])
      const wrong = ones.find((count) => count !== expected)
      demand(wrong === undefined, () => `a row keeps ${wrong}, expected ${expected} = ⌈${keep_rate}·n⌉`)
    },
    mutant: {
      name: 'one fewer than the budget kept',
      plant: (rules) => ({ topK: (x, budget) => rules.topK(x, budget - 1) }),
    },
  },
  {
    id: 'basis-threshold-zeroes-small-weights',
    statement: 'A basis_threshold t gives what zeroing all |w| ≤ t of W_up gives, bit for bit.',
    source: 'contract, Sparsifiner 3: entries of W_up with |w| ≤ t count as 0 first',
    equations: EQ3,
    holds(lab, trial) {
      const source = random(trial.seed).fork('basis')
      const t = source.pick([0, 0.01, 0.03])
      const limit = Math.fround(t)
      const drawn = lab.sample('sparsifiner/eq3', trial, { config: { budget: 3 } })
      const edges = withEach(drawn, ['param.W_up'], (w) =>
        mapped(w, (value) => source.pick([value, value, value, limit, -limit])),
      )
      const zeroed = withEach(edges, ['param.W_up'], (w) =>
        mapped(w, (value) => (Math.abs(value) <= limit ? 0 : value)),
      )
      const [byThreshold, byHand] = [changed(edges, {}, { basis_threshold: t }), zeroed].map((question) =>
        lab.answer(question),
      )
      identical('scores', byThreshold.tensor('scores'), byHand.tensor('scores'))
      identical('M', byThreshold.mask('M'), byHand.mask('M'))
    },
    mutant: {
      name: 'the basis thresholded by signed value, negatives lost',
      plant: (rules) => ({ thresholdMagnitude: (x, t) => rules.threshold(x, t) }),
    },
  },
  {
    id: 'connectivity-does-not-depend-on-the-scale-of-scores',
    statement: 'Multiplying A_tilde by 2⁻²⁰ multiplies the scores exactly and leaves M as it is.',
    source: 'Sparsifiner Eq. (3): only the order of scores and exact zeros matter',
    equations: EQ3,
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq3', trial, { config: { budget: 4 } })
      const small = withEach(question, ['input.A_tilde'], (A) => mapped(A, (value) => value / 2 ** 20))
      const [large, tiny] = [lab.answer(question), lab.answer(small)]
      const scaled = mapped(large.tensor('scores'), (value) => value / 2 ** 20)
      identical('scores of A_tilde/2²⁰', tiny.tensor('scores'), scaled)
      identical('M of A_tilde/2²⁰', tiny.mask('M'), large.mask('M'))
    },
    mutant: {
      name: 'scores below 10⁻⁶ counted as zero',
      plant: (rules) => ({
        topK: (x, budget) =>
          rules.topK(nonZero(map(toDense(x), (value) => (Math.abs(value) < 1e-6 ? 0 : value))), budget),
      }),
    },
  },
  {
    id: 'sparse-scores-are-the-dense-product',
    statement:
      'The scores of Eq. (3), from held entries alone, are those of Eq. (10), from whole matrices, bit for bit.',
    source: 'contract: compressed rows give the same numbers as the dense text',
    equations: ['sparsifiner/eq3', 'sparsifiner/eq10'],
    holds(lab, trial) {
      const dense = lab.sample('sparsifiner/eq10', trial)
      const [A_tilde, W_up] = [tensorOf(dense, 'input.A_tilde'), tensorOf(dense, 'param.W_up')]
      const tensors = valuesOf({ 'input.A_tilde': A_tilde, 'param.W_up': W_up })
      const sparse = ask('sparsifiner/eq3', tensors, { budget: 1 })
      identical(
        'scores of eq3 and eq10',
        lab.answer(sparse).tensor('scores'),
        lab.answer(dense).tensor('scores'),
      )
    },
    mutant: {
      name: 'the last held coefficient of each row skipped',
      plant: (rules) => ({
        sparseMatmul(x, y) {
          const rows = rowsOf(toDense(x)).flatMap((row) => {
            const last = row.findLastIndex((value) => value !== 0)
            return row.map((value, column) => (column === last ? 0 : value))
          })
          return rules.sparseMatmul(nonZero(filled(x.pattern.shape, (i) => rows[i])), y)
        },
      }),
    },
  },
]
