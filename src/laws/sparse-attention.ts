import { toDense, valuesAt } from '../../reference/float32/rows.ts'
import { random } from '../random.ts'
import type { Law } from './law.ts'
import { agree, exact, identical, product, rowTotals } from './measured.ts'
import { mapRows, nonZero, powers, total } from './mutants.ts'
import { ask, changed, maskOf, tensorOf, valuesOf, withEach } from './questions.ts'
import { filled, mapped, maskWhere, range, rowsOf, take } from './rearrange.ts'

const MASKED = { normalize: 'masked' }
const FULL = { normalize: 'full' }

/** Scores at kept places that leave out a channel: a planted bug. */
export const oneChannelShort: Law['mutant'] = {
  name: 'the inner products at kept places stop one channel short',
  plant: (rules) => ({
    matmulAt(mask, x, y) {
      const channels = range(Math.max(1, (x.shape.at(-1) ?? 1) - 1))
      return rules.matmulAt(mask, take(x, -1, channels), take(y, -1, channels))
    },
  }),
}

/** Laws of attention at the connected places: Sparsifiner Eqs. (4) and (5). */
export const sparseAttentionLaws: readonly Law[] = [
  {
    id: 'masked-is-full-renormalised',
    statement: 'In Eq. (4), "masked" times the row sums of "full" is "full".',
    source: 'contract, Sparsifiner 4: softmax over the kept entries alone, or over the row and then kept',
    equations: ['sparsifiner/eq4'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq4', trial, { config: FULL })
      const full = lab.answer(question).dense('A_sparse')
      const masked = lab.answer(changed(question, {}, MASKED)).dense('A_sparse')
      agree('masked · row sums of full, and full', product(masked, rowTotals(full)), full)
    },
    mutant: {
      name: 'what is not kept counts as a logit of 0',
      plant: () => ({
        maskedSoftmax(mask, x) {
          const p = rowsOf(toDense(x)).flatMap((row) =>
            powers(row).map((power, _, all) => power / total(all)),
          )
          return valuesAt(
            mask,
            filled(mask.shape, (i) => p[i]),
          )
        },
      }),
    },
  },
  {
    id: 'masked-rows-sum-to-one-or-are-empty',
    statement: 'In Eq. (4) "masked" a row sums to one, or to zero where M keeps nothing of it.',
    source: 'contract, Sparsifiner 4: a row with none kept is all zeros',
    equations: ['sparsifiner/eq4'],
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/eq4', trial, { config: MASKED })
      const M = withEmptyRow(maskOf(drawn, 'input.M'))
      const A_sparse = lab.answer(changed(drawn, { 'input.M': M })).dense('A_sparse')
      const sums = rowsOf(M).flatMap((row) => row.map(() => Math.max(...row)))
      agree('row sums of A_sparse', rowTotals(A_sparse), exact(mapped(A_sparse.tensor, (_, i) => sums[i])))
    },
    mutant: {
      name: 'an empty row is NaN, as a softmax of −∞ throughout is',
      plant: (rules) => ({
        maskedSoftmax: (mask, x) => withEmptyRowsOf(NaN, toDense(rules.maskedSoftmax(mask, x))),
      }),
    },
  },
  {
    id: 'tokens-that-attend-to-nothing-get-nothing',
    statement: 'Through Eqs. (4) "masked" and (6), a row that M leaves empty gives a token of zeros.',
    source: 'contract, Sparsifiner 4 and 6',
    equations: ['sparsifiner/eq4', 'sparsifiner/eq6'],
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/eq4', trial, { config: MASKED })
      const M = withEmptyRow(maskOf(drawn, 'input.M'))
      const A_sparse = lab.answer(changed(drawn, { 'input.M': M })).tensor('A_sparse')
      const values = valuesOf({ 'input.A_sparse': A_sparse, 'input.V': tensorOf(drawn, 'input.K') })
      const X_next = lab.answer(ask('sparsifiner/eq6', values, {})).tensor('X_next')
      const empty = rowsOf(M).map((row) => row.every((byte) => byte === 0))
      const { d } = drawn.sizes
      const expected = mapped(X_next, (value, i) => (empty[Math.floor(i / d)] ? 0 : value))
      identical('X_next of empty rows', X_next, expected)
    },
    mutant: {
      name: 'an empty row falls back to even attention',
      plant: (rules) => ({
        maskedSoftmax: (mask, x) =>
          withEmptyRowsOf(1 / (mask.shape.at(-1) ?? 1), toDense(rules.maskedSoftmax(mask, x))),
      }),
    },
  },
  {
    id: 'a-lone-kept-entry-gets-everything',
    statement: 'Where M keeps one entry of a row, Eq. (4) "masked" gives it exactly 1.',
    source: 'algebra: softmax of one logit is 1',
    equations: ['sparsifiner/eq4'],
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/eq4', trial, { config: MASKED })
      const { n } = drawn.sizes
      const source = random(trial.seed).fork('lone')
      const chosen = range(maskOf(drawn, 'input.M').data.length / n).map(() => source.integer(0, n - 1))
      const M = maskWhere([...drawn.lead, n, n], (i) => chosen[Math.floor(i / n)] === i % n)
      const A_sparse = lab.answer(changed(drawn, { 'input.M': M })).tensor('A_sparse')
      identical(
        'A_sparse and M',
        A_sparse,
        mapped(A_sparse, (_, i) => M.data[i]),
      )
    },
    mutant: {
      name: 'a small number added to the denominator of the masked softmax',
      plant: (rules) => ({
        maskedSoftmax: (mask, x) => rules.sparseScale(rules.maskedSoftmax(mask, x), 1 / (1 + 1e-6)),
      }),
    },
  },
  {
    id: 'budget-n-is-dense-attention',
    statement:
      'Where all scores of Eq. (3) are positive and the budget is n, M is all ones and both forms of Eq. (4) agree bit for bit.',
    source: 'Sparsifiner §3: with nothing pruned the sparse attention is the dense one',
    equations: ['sparsifiner/eq3', 'sparsifiner/eq4'],
    holds(lab, trial) {
      const attention = lab.sample('sparsifiner/eq4', trial)
      const { n } = attention.sizes
      const drawn = lab.sample('sparsifiner/eq3', trial, {
        config: { budget: n },
        sizes: { n },
        lead: attention.lead,
      })
      const scored = withEach(drawn, ['param.W_up'], (w) => mapped(w, (value) => Math.abs(value) + 0.01))
      const M = lab.answer(scored).mask('M')
      identical(
        'M of budget n',
        M,
        maskWhere(M.shape, () => true),
      )
      const [full, masked] = [FULL, MASKED].map((config) =>
        lab.answer(changed(attention, { 'input.M': M }, config)).tensor('A_sparse'),
      )
      identical('full and masked with everything kept', full, masked)
    },
    mutant: oneChannelShort,
  },
  {
    id: 'eq5-of-dense-attention-is-eq4',
    statement: 'Eq. (5) of the dense attention softmax(QKᵀ·scale) is Eq. (4) "full", bit for bit.',
    source: 'contract, Sparsifiner 5: with A = softmax(QKᵀ·scale) it equals Eq. (4) "full" exactly',
    equations: ['sparsifiner/eq4', 'sparsifiner/eq5'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq4', trial, { config: FULL })
      const M = maskOf(question, 'input.M')
      const everything = changed(question, { 'input.M': maskWhere(M.shape, () => true) })
      const A = lab.answer(everything).tensor('A_sparse')
      const five = lab.answer(ask('sparsifiner/eq5', valuesOf({ 'input.M': M, 'input.A': A }), {}))
      identical('A_sparse of eq5 and eq4', five.tensor('A_sparse'), lab.answer(question).tensor('A_sparse'))
    },
    mutant: {
      name: 'kept entries read one column off',
      plant: (rules) => ({
        select(mask, x) {
          const columns = range(x.shape.at(-1) ?? 1)
          return rules.select(mask, take(x, -1, [...columns.slice(1), 0]))
        },
      }),
    },
  },
  {
    id: 'the-mask-only-keeps-or-drops',
    statement: 'Eq. (5) gives A unchanged where M is 1, and 0 where M is 0.',
    source: 'Sparsifiner Eq. (5): M ⊙ A',
    equations: ['sparsifiner/eq5'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq5', trial)
      const { data } = maskOf(question, 'input.M')
      const expected = mapped(tensorOf(question, 'input.A'), (value, i) => (data[i] === 1 ? value : 0))
      identical('A_sparse and A where M keeps it', lab.answer(question).tensor('A_sparse'), expected)
    },
    mutant: {
      name: 'rows renormalised after masking',
      plant: (rules) => ({
        select: (mask, x) =>
          nonZero(mapRows(toDense(rules.select(mask, x)), (row) => row.map((p) => p / (total(row) || 1)))),
      }),
    },
  },
  {
    id: 'kept-logits-are-the-dense-logits',
    statement: 'At the kept places the logits of Eq. (4) "masked" are those of "full", bit for bit.',
    source: 'contract: compressed rows give the same numbers as the dense text',
    equations: ['sparsifiner/eq4'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq4', trial, { config: FULL })
      const { data } = maskOf(question, 'input.M')
      const full = lab.answer(question).tensor('logits')
      const masked = lab.answer(changed(question, {}, MASKED)).tensor('logits')
      identical(
        'logits at kept places',
        masked,
        mapped(full, (value, i) => (data[i] === 1 ? value : 0)),
      )
    },
    mutant: {
      name: 'the scale left out of the sparse path',
      plant: () => ({ sparseScale: (x) => x }),
    },
  },
]

function withEmptyRow({ shape, data }: ReturnType<typeof maskWhere>): ReturnType<typeof maskWhere> {
  return maskWhere(shape, (i) => data[i] === 1 && i >= (shape.at(-1) ?? 1))
}

/** The rows that hold nothing filled with `value`. */
function withEmptyRowsOf(value: number, x: Parameters<typeof nonZero>[0]): ReturnType<typeof nonZero> {
  return nonZero(mapRows(x, (row) => (row.some((p) => p !== 0) ? row : row.map(() => value))))
}
