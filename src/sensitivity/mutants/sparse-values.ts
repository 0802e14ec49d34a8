import type { FullSparse } from '../../../reference/float32/full.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { generate, map, mapRows } from '../tensors.ts'
import { sumOf, transposed } from './bugs.ts'
import { ONE } from './groups.ts'
import { rule, type Class, type Mutant, type Rules } from './mutant.ts'

/** The dense factor of Eq. (6) or of Eq. (3) read otherwise. */
const product = (
  id: string,
  of: Class,
  about: string,
  bug: (x: FullSparse, y: Tensor, rules: Rules) => Tensor,
): Mutant => rule(id, of, ONE.values, about, (rules) => ({ sparseMatmulDense: (x, y) => bug(x, y, rules) }))

/** Bugs of Sparsifiner’s Eq. (6), values under sparse attention. */
export const sparseValueMutants: readonly Mutant[] = [
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
