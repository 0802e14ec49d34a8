import { random } from '../random.ts'
import { permutation } from './draw.ts'
import type { Law } from './law.ts'
import { agree, identical } from './measured.ts'
import { changed, tensorOf, withEach } from './questions.ts'
import { filled, range, take } from './rearrange.ts'

/** Laws of the attended values, Sparsifiner Eq. (6). */
export const sparseValueLaws: readonly Law[] = [
  {
    id: 'permuting-columns-with-values-changes-nothing',
    statement:
      'Permuting the columns of A_sparse together with the rows of V leaves X_next of Eq. (6) as it is.',
    source: 'Sparsifiner Eq. (6): A_sparse V sums over the tokens in any order',
    equations: ['sparsifiner/eq6'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq6', trial)
      const order = permutation(random(trial.seed).fork('tokens'), question.sizes['n'])
      const permuted = withEach(question, ['input.A_sparse', 'input.V'], (x, name) =>
        take(x, name === 'input.V' ? -2 : -1, order),
      )
      agree(
        'X_next of permuted tokens',
        lab.answer(permuted).dense('X_next'),
        lab.answer(question).dense('X_next'),
      )
    },
    mutant: {
      name: 'values read in reverse order of their columns',
      plant: (rules) => ({
        sparseMatmulDense: (x, y) =>
          rules.sparseMatmulDense(x, take(y, -2, range(y.shape[y.shape.length - 2]).toReversed())),
      }),
    },
  },
  {
    id: 'attending-to-one-token-copies-its-value',
    statement: 'Where the rows of A_sparse are one-hot, X_next of Eq. (6) is exactly the chosen rows of V.',
    source: 'algebra: a permutation matrix times V permutes its rows',
    equations: ['sparsifiner/eq6'],
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/eq6', trial, { lead: [] })
      const { n } = drawn.sizes
      const chosen = permutation(random(trial.seed).fork('chosen'), n)
      const A_sparse = filled([n, n], (i) => (chosen[Math.floor(i / n)] === i % n ? 1 : 0))
      const X_next = lab.answer(changed(drawn, { 'input.A_sparse': A_sparse })).tensor('X_next')
      identical('X_next and the chosen values', X_next, take(tensorOf(drawn, 'input.V'), -2, chosen))
    },
    mutant: {
      name: 'column indices off by one',
      plant: (rules) => ({
        sparseMatmulDense(x, y) {
          const rows = range(y.shape[y.shape.length - 2])
          return rules.sparseMatmulDense(x, take(y, -2, [...rows.slice(1), 0]))
        },
      }),
    },
  },
]
