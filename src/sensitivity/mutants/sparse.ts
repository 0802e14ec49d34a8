import type { FullMask, FullSparse } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { generate, map, mapRows } from '../tensors.ts'
import { softmaxWith, transposed, zeroedColumns } from './bugs.ts'
import { bf16 } from './formats.ts'
import { ONE } from './groups.ts'
import { changed, config, operands, rule, type Class, type Mutant, type Rules } from './mutant.ts'

/** A threshold with another decision, given the row. */
function threshold(
  id: string,
  of: Class,
  about: string,
  keeps: (value: number, tau: number, row: ArrayLike<number>) => number,
): Mutant {
  return rule(id, of, ONE.threshold, about, () => ({
    threshold: (x, tau) =>
      held(mapRows(x, (row) => Float64Array.from(row, (value) => keeps(value, Math.fround(tau), row)))),
  }))
}

function held(values: Tensor): FullSparse {
  return { values, kept: Uint8Array.from(values.data, (value) => Number(value !== 0)) }
}

/** A top-k by another order, or that keeps others. */
function topK(
  id: string,
  of: Class,
  about: string,
  chosen: (row: readonly number[], budget: number) => readonly number[],
): Mutant {
  return rule(id, of, ONE.connectivity, about, () => ({
    topK({ values }, budget) {
      const m = values.shape.at(-1) ?? 1
      const kept = new Uint8Array(values.size)
      for (let start = 0; start < values.size; start += m) {
        const row = [...values.data.subarray(start, start + m)]
        for (const column of chosen(row, budget)) kept[start + column] = 1
      }
      return { shape: values.shape, kept }
    },
  }))
}

/** Columns in the order of `key`, from the largest; ties to the lower column. */
function ranked(row: readonly number[], key: (value: number, column: number) => number): number[] {
  return row.map((_, column) => column).toSorted((i, j) => key(row[j], j) - key(row[i], i) || i - j)
}

const first = (row: readonly number[], budget: number): number[] =>
  ranked(row, (value) => value)
    .slice(0, budget)
    .filter((column) => row[column] !== 0)

function maskLike({ shape }: FullMask, kept: (i: number, n: number) => number, size: number): FullMask {
  const n = shape.at(-1) ?? 1
  return { shape, kept: Uint8Array.from({ length: size }, (_, i) => kept(i, n)) }
}

/** The mask input taken otherwise. */
function maskInput(id: string, of: Class, about: string, bug: (mask: FullMask) => FullMask): Mutant {
  return operands(id, of, ['sparsifiner/eq4', 'sparsifiner/eq5'], about, (tensors) => {
    const found = tensors.get('input.M')
    if (found?.kind !== 'mask') return
    const { shape, kept } = bug({ shape: found.mask.shape, kept: found.mask.data })
    tensors.set('input.M', { kind: 'mask', mask: { shape, data: kept } })
  })
}

/** What leaves `select` or the masked softmax made over. */
function selected(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: (row: ArrayLike<number>, kept: (i: number) => boolean) => ArrayLike<number>,
): Mutant {
  const after = ({ values, kept }: FullSparse): FullSparse => ({
    kept,
    values: mapRows(values, (row, start) => bug(row, (i) => kept[start + i] === 1)),
  })
  return rule(id, of, equations, about, ({ select, maskedSoftmax }) => ({
    select: (mask, x) => after(select(mask, x)),
    maskedSoftmax: (mask, x) => after(maskedSoftmax(mask, x)),
  }))
}

const sumOf = (row: ArrayLike<number>): number => Array.from(row).reduce((sum, value) => sum + value, 0)

/** The dense factor of Eq. (6) or of Eq. (3) read otherwise. */
const product = (
  id: string,
  of: Class,
  about: string,
  bug: (x: FullSparse, y: Tensor, rules: Rules) => Tensor,
): Mutant => rule(id, of, ONE.values, about, (rules) => ({ sparseMatmulDense: (x, y) => bug(x, y, rules) }))

/** Bugs of Sparsifiner's Eqs. (1) to (6). */
export const sparseMutants: readonly Mutant[] = [
  operands(
    'Q-and-K-swapped',
    'gross',
    ['sparsifiner/eq1', 'sparsifiner/eq4'],
    'queries and keys are swapped.',
    (tensors) => {
      const [Q, K] = [tensors.get('input.Q'), tensors.get('input.K')]
      if (Q === undefined || K === undefined) return
      tensors.set('input.Q', K).set('input.K', Q)
    },
  ),
  rule('W_down-of-queries', 'gross', ONE.lowRank, 'K_down is W_down Q.', ({ matmul }, { tensors }) => ({
    matmul(x, y) {
      const Q = tensors.get('input.Q')
      return matmul(x, Q?.kind === 'dense' ? Q.tensor : y)
    },
  })),
  operands(
    'W_down-rows-reversed',
    'gross',
    ONE.lowRank,
    'the rows of W_down are read in reverse.',
    (tensors) =>
      changed(
        tensors,
        (name) => name === 'param.W_down',
        (x) => generate(x, x.shape, (i) => x.data[x.size - 1 - i]),
      ),
  ),
  operands(
    'last-token-not-projected',
    'gross',
    ONE.lowRank,
    'the last column of W_down is skipped.',
    (tensors, { sizes }) =>
      changed(
        tensors,
        (name) => name === 'param.W_down',
        (x) => zeroedColumns(x, (column) => column === sizes['n'] - 1),
      ),
  ),

  threshold('keeps-tau', 'gross', 'what equals τ is kept.', (value, tau) => (value >= tau ? value : 0)),
  threshold('keeps-the-small', 'gross', 'what is below τ is kept, the rest dropped.', (value, tau) =>
    value > tau ? 0 : value,
  ),
  threshold('soft-threshold', 'gross', 'τ is subtracted from what is kept.', (value, tau) =>
    value > tau ? value - tau : 0,
  ),
  threshold('binarised', 'gross', 'what is kept becomes 1.', (value, tau) => (value > tau ? 1 : 0)),
  threshold(
    'renormalised-coefficients',
    'gross',
    'rows are normalised after the threshold.',
    (value, tau, row) => {
      const sum = Array.from(row).reduce((total, each) => (each > tau ? total + each : total), 0)
      return value > tau ? value / sum : 0
    },
  ),
  threshold('tau-of-largest', 'gross', 'τ is a share of the row’s largest coefficient.', (value, tau, row) =>
    value > tau * Math.max(...Array.from(row)) ? value : 0,
  ),
  threshold('tau-of-uniform', 'gross', 'τ is a share of 1/m.', (value, tau, row) =>
    value > tau / row.length ? value : 0,
  ),
  threshold('square-against-tau', 'gross', 'the square of a coefficient is held against τ.', (value, tau) =>
    value * value > tau ? value : 0,
  ),
  threshold('no-threshold', 'gross', 'nothing is dropped.', (value) => value),
  config('tau-1e-2', 'medium', ONE.threshold, 'τ is the paper’s threshold of the basis, 1e-2.', () => ({
    tau: 0.01,
  })),
  config('tau-in-bf16', 'medium', ONE.threshold, 'τ is rounded to bfloat16.', ({ tau }) => ({
    tau: bf16(Number(tau)),
  })),
  rule(
    'coefficients-in-bf16',
    'medium',
    ONE.threshold,
    'what is kept is stored in bfloat16.',
    ({ threshold: usual }) => ({
      threshold(x, tau) {
        const { values, kept } = usual(x, tau)
        return { values: map(values, bf16), kept }
      },
    }),
  ),
  rule(
    'last-coefficient-dropped',
    'gross',
    ONE.threshold,
    'the last column is never kept.',
    ({ threshold: usual }) => ({
      threshold(x, tau) {
        const width = x.shape.at(-1) ?? 1
        return held(zeroedColumns(usual(x, tau).values, (column) => column === width - 1))
      },
    }),
  ),

  topK('ties-upwards', 'gross', 'among equal scores the higher column wins.', (row, budget) =>
    row
      .map((_, column) => column)
      .toSorted((i, j) => row[j] - row[i] || j - i)
      .slice(0, budget)
      .filter((column) => row[column] !== 0),
  ),
  topK('budget-plus-1', 'gross', 'one more than the budget is kept.', (row, budget) =>
    first(row, budget + 1),
  ),
  topK('budget-minus-1', 'gross', 'one fewer than the budget is kept.', (row, budget) =>
    first(row, Math.max(0, budget - 1)),
  ),
  topK('zeros-kept', 'gross', 'scores of exactly 0 are kept where they reach the budget.', (row, budget) =>
    ranked(row, (value) => value).slice(0, budget),
  ),
  topK('negatives-dropped', 'gross', 'scores below 0 are dropped.', (row, budget) =>
    first(row, budget).filter((column) => row[column] > 0),
  ),
  topK('by-magnitude', 'gross', 'scores are ranked by magnitude.', (row, budget) =>
    ranked(row, Math.abs)
      .slice(0, budget)
      .filter((column) => row[column] !== 0),
  ),
  topK('smallest', 'gross', 'the smallest scores are kept.', (row, budget) =>
    ranked(row, (value) => -value)
      .slice(0, budget)
      .filter((column) => row[column] !== 0),
  ),
  topK(
    'zeros-do-not-rank',
    'gross',
    'zeros are dropped before the choice, so that negatives fill the budget.',
    (row, budget) =>
      ranked(row, (value) => (value === 0 ? -Infinity : value))
        .slice(0, budget)
        .filter((column) => row[column] !== 0),
  ),
  topK('by-scores-in-bf16', 'medium', 'scores are ranked in bfloat16.', (row, budget) =>
    ranked(row, bf16)
      .slice(0, budget)
      .filter((column) => row[column] !== 0),
  ),
  topK('last-column-never', 'gross', 'the last column is never looked at.', (row, budget) =>
    first(row.slice(0, -1), budget),
  ),
  rule(
    'mask-of-columns',
    'gross',
    ONE.connectivity,
    'the budget counts per column, not per row.',
    ({ topK: usual, swapAxes }) => ({
      topK({ values, kept }, budget) {
        const turned = usual({ values: swapAxes(values, -1, -2), kept }, budget)
        const dense = generate(values, values.shape, (i) => turned.kept[i])
        return { shape: values.shape, kept: Uint8Array.from(swapAxes(dense, -1, -2).data) }
      },
    }),
  ),
  rule(
    'diagonal-forced',
    'gross',
    ONE.connectivity,
    'every token is connected to itself.',
    ({ topK: usual }) => ({
      topK(x, budget) {
        const mask = usual(x, budget)
        return maskLike(
          mask,
          (i, n) => (i % n === Math.floor(i / n) % n ? 1 : mask.kept[i]),
          mask.kept.length,
        )
      },
    }),
  ),
  rule(
    'no-basis-threshold',
    'gross',
    ONE.connectivity,
    'the threshold of the basis is not applied.',
    ({ compress }) => ({
      thresholdMagnitude: (x) => compress(x),
    }),
  ),
  rule(
    'basis-threshold-signed',
    'gross',
    ONE.connectivity,
    'the basis is held against its threshold with its sign.',
    ({ threshold: signed }) => ({
      thresholdMagnitude: (x, t) => signed(x, t),
    }),
  ),
  rule(
    'basis-threshold-keeps-equal',
    'gross',
    ONE.connectivity,
    'entries of the basis that equal the threshold are kept.',
    () => ({
      thresholdMagnitude: (x, t) => held(map(x, (value) => (Math.abs(value) >= Math.fround(t) ? value : 0))),
    }),
  ),
  rule(
    'threshold-on-coefficients',
    'gross',
    ONE.connectivity,
    'the threshold of the basis is applied to the coefficients.',
    ({ compress, thresholdMagnitude }, { config: { basis_threshold: t } }) => {
      let calls = 0
      return {
        thresholdMagnitude: (x) => compress(x),
        compress: (x) => (calls++ === 0 && t !== undefined ? thresholdMagnitude(x, Number(t)) : compress(x)),
      }
    },
  ),

  maskInput('mask-transposed', 'gross', 'the mask is read transposed.', (mask) =>
    maskLike(
      mask,
      (i, n) => mask.kept[i - (i % (n * n)) + (i % n) * n + (Math.floor(i / n) % n)],
      mask.kept.length,
    ),
  ),
  maskInput('mask-inverted', 'gross', 'what the mask drops is kept.', (mask) =>
    maskLike(mask, (i) => 1 - mask.kept[i], mask.kept.length),
  ),
  maskInput('mask-ignored', 'gross', 'the mask is not applied.', (mask) =>
    maskLike(mask, () => 1, mask.kept.length),
  ),
  maskInput('mask-of-first-head', 'gross', 'the mask of the first head serves all.', (mask) =>
    maskLike(mask, (i, n) => mask.kept[i % (n * n)], mask.kept.length),
  ),
  maskInput('mask-one-row-on', 'gross', 'the mask is used one row further down.', (mask) =>
    maskLike(mask, (i, n) => mask.kept[(i + n) % mask.kept.length], mask.kept.length),
  ),
  maskInput('mask-diagonal', 'gross', 'every token keeps itself.', (mask) =>
    maskLike(mask, (i, n) => (i % n === Math.floor(i / n) % n ? 1 : mask.kept[i]), mask.kept.length),
  ),
  config(
    'other-normalisation',
    'gross',
    ONE.sparse,
    '"masked" where "full" is asked for, or the other way round.',
    ({ normalize }) => ({
      normalize: normalize === 'full' ? 'masked' : 'full',
    }),
  ),
  rule(
    'masked-rows-uniform',
    'gross',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'a row that keeps nothing comes out uniform.',
    ({ select, maskedSoftmax }) => {
      const uniform = ({ values, kept }: FullSparse): FullSparse => {
        const n = values.shape.at(-1) ?? 1
        const rowKeeps = (i: number): boolean => kept.subarray(i - (i % n), i - (i % n) + n).includes(1)
        return {
          values: map(values, (value, i) => (rowKeeps(i) ? value : 1 / n)),
          kept: kept.map((byte, i) => (rowKeeps(i) ? byte : 1)),
        }
      }
      return {
        select: (mask, x) => uniform(select(mask, x)),
        maskedSoftmax: (mask, x) => uniform(maskedSoftmax(mask, x)),
      }
    },
  ),
  rule(
    'dropped-logits-zero',
    'gross',
    ONE.sparse,
    'dropped logits are 0, not −∞, so that they take part in the sum.',
    () => ({
      maskedSoftmax: (mask, { values }) => {
        const all = softmaxWith(values, {})
        return { kept: mask.kept, values: map(all, (value, i) => (mask.kept[i] === 1 ? value : 0)) }
      },
    }),
  ),
  rule(
    'dropped-logits-minus-10',
    'medium',
    ONE.sparse,
    'dropped logits are 10 below the row’s maximum, not −∞.',
    () => ({
      maskedSoftmax: (mask, { values }) => {
        const filled = mapRows(values, (row, start) => {
          const max = Array.from(row).reduce(
            (m, value, i) => (mask.kept[start + i] === 1 ? Math.max(m, value) : m),
            -Infinity,
          )
          return Float64Array.from(row, (value, i) => (mask.kept[start + i] === 1 ? value : max - 10))
        })
        const all = softmaxWith(filled, {})
        return { kept: mask.kept, values: map(all, (value, i) => (mask.kept[i] === 1 ? value : 0)) }
      },
    }),
  ),
  selected(
    'renormalised',
    'gross',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'rows are normalised after the mask was applied.',
    (row) => {
      const sum = sumOf(row)
      return Float64Array.from(row, (value) => (sum === 0 ? 0 : value / sum))
    },
  ),
  selected(
    'last-kept-dropped',
    'gross',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'the last entry that a row keeps is skipped.',
    (row, kept) => {
      const last = Array.from(row).findLastIndex((_, i) => kept(i))
      return Float64Array.from(row, (value, i) => (i === last ? 0 : value))
    },
  ),
  selected(
    'kept-in-11-bits',
    'medium',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'what is kept is a multiple of 2⁻¹¹.',
    (row) => Float64Array.from(row, (value) => Math.round(value * 2 ** 11) / 2 ** 11),
  ),
  selected(
    'small-kept-lost',
    'medium',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'kept entries below 1e-3 become 0.',
    (row) => Float64Array.from(row, (value) => (value < 1e-3 ? 0 : value)),
  ),
  selected(
    'small-kept-lost-1e-6',
    'subtle',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'kept entries below 1e-6 become 0.',
    (row) => Float64Array.from(row, (value) => (value < 1e-6 ? 0 : value)),
  ),

  product(
    'attention-transposed',
    'gross',
    'the transpose of A multiplies V.',
    ({ values, kept }, y, { sparseMatmulDense }) =>
      sparseMatmulDense({ values: transposed(values), kept }, y),
  ),
  product(
    'columns-off-by-one',
    'gross',
    'column indices count from 1.',
    ({ values, kept }, y, { sparseMatmulDense }) =>
      sparseMatmulDense(
        { values, kept },
        generate(y, y.shape, (i) => y.data[(i + (y.shape.at(-1) ?? 1)) % y.size]),
      ),
  ),
  product(
    'rows-normalised',
    'gross',
    'the sum is divided by the sum of the row of A.',
    ({ values, kept }, y, { sparseMatmulDense }) =>
      sparseMatmulDense(
        {
          kept,
          values: mapRows(values, (row) => {
            const sum = sumOf(row)
            return Float64Array.from(row, (value) => (sum === 0 ? 0 : value / sum))
          }),
        },
        y,
      ),
  ),
  product(
    'last-held-skipped',
    'gross',
    'the last entry of every compressed row is skipped.',
    ({ values, kept }, y, { sparseMatmulDense }) =>
      sparseMatmulDense(
        {
          kept,
          values: mapRows(values, (row) => {
            const last = Array.from(row).findLastIndex((value) => value !== 0)
            return Float64Array.from(row, (value, i) => (i === last ? 0 : value))
          }),
        },
        y,
      ),
  ),
  product(
    'first-batch-of-V',
    'gross',
    'the values of the first head serve all.',
    (x, y, { sparseMatmulDense }) => {
      const size = y.shape.slice(-2).reduce((n, extent) => n * extent, 1)
      return sparseMatmulDense(
        x,
        generate(y, y.shape, (i) => y.data[i % size]),
      )
    },
  ),
  product(
    'small-entries-skipped',
    'medium',
    'entries of A below 0.06 count as 0.',
    ({ values, kept }, y, { sparseMatmulDense }) =>
      sparseMatmulDense({ kept, values: map(values, (value) => (value < 0.06 ? 0 : value)) }, y),
  ),
  product(
    'weights-of-8-bits',
    'medium',
    'A is quantised to 255ths.',
    ({ values, kept }, y, { sparseMatmulDense }) =>
      sparseMatmulDense({ kept, values: map(values, (value) => Math.round(value * 255) / 255) }, y),
  ),
]
