import { map, mapRows } from '../tensors.ts'
import { held, zeroedColumns } from './bugs.ts'
import { bf16 } from './formats.ts'
import { ONE } from './groups.ts'
import { config, rule, type Class, type Mutant } from './mutant.ts'

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

/** Bugs of Sparsifiner’s Eq. (2), the threshold of the coefficients. */
export const coefficientMutants: readonly Mutant[] = [
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
]
