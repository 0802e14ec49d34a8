import { generate } from '../tensors.ts'
import { zeroedColumns } from './bugs.ts'
import { ONE } from './groups.ts'
import { changed, operands, rule, type Mutant } from './mutant.ts'

/** Bugs of Sparsifiner’s Eq. (1), low-rank attention. */
export const lowRankMutants: readonly Mutant[] = [
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
]
