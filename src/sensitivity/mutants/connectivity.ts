import { generate, map } from '../tensors.ts'
import { held, maskLike } from './bugs.ts'
import { bf16 } from './formats.ts'
import { ONE } from './groups.ts'
import { rule, type Class, type Mutant } from './mutant.ts'

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

/** Bugs of Sparsifiner’s Eq. (3), the connectivity mask. */
export const connectivityMutants: readonly Mutant[] = [
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
]
