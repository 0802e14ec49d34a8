import { random } from '../random.ts'
import type { Question } from '../cases/question.ts'
import type { Lab } from './lab.ts'
import type { Law, Trial } from './law.ts'
import { demand } from './measured.ts'
import { choosing, columnsOf } from './mutants.ts'
import { changed, withEach } from './questions.ts'
import { mapped, range, rowsOf, take } from './rearrange.ts'

const EQ3 = ['sparsifiner/eq3']

/** Laws of the connectivity mask, Sparsifiner Eq. (3). */
export const connectivityLaws: readonly Law[] = [
  {
    id: 'a-larger-budget-keeps-a-superset',
    statement:
      'The mask for a budget B is contained in the mask for B + 1, from 0, which keeps nothing, to n.',
    source: 'contract, Sparsifiner 3: the budget largest, equal scores by column',
    equations: EQ3,
    holds(lab, trial) {
      const question = crowded(lab, trial)
      const { n } = question.sizes
      const masks = range(n + 1).map((budget) => lab.answer(changed(question, {}, { budget })).mask('M'))
      demand(
        masks[0].data.every((byte) => byte === 0),
        () => 'a budget of 0 keeps something',
      )
      for (const budget of range(n)) {
        const lost = masks[budget].data.findIndex((byte, i) => byte > masks[budget + 1].data[i])
        demand(lost === -1, () => `entry ${lost} is kept with budget ${budget}, dropped with ${budget + 1}`)
      }
    },
    mutant: {
      name: 'ties left as the selection left them, other ones for every budget',
      plant: () => ({
        topK: choosing((row, budget) =>
          columnsOf(row, (i, j) => row[j] - row[i] || (budget % 2 === 0 ? i - j : j - i))
            .slice(0, budget)
            .filter((column) => row[column] !== 0),
        ),
      }),
    },
  },
  {
    id: 'rows-never-exceed-the-budget',
    statement: 'No row of M holds more ones than the budget.',
    source: 'contract, Sparsifiner 3: per row the budget largest',
    equations: EQ3,
    holds: (lab, trial) =>
      eachRow(lab, trial, ({ kept }, budget) =>
        demand(kept.length <= budget, () => `a row keeps ${kept.length} with a budget of ${budget}`),
      ),
    mutant: {
      name: 'one more than the budget kept',
      plant: (rules) => ({ topK: (x, budget) => rules.topK(x, budget + 1) }),
    },
  },
  {
    id: 'no-zero-score-is-kept',
    statement: 'A score that is exactly 0 is never connected, however large the budget.',
    source: 'contract, Sparsifiner 3: entries whose score is exactly 0 are dropped',
    equations: EQ3,
    holds: (lab, trial) =>
      eachRow(lab, trial, ({ scores, kept }) =>
        demand(
          kept.every((i) => scores[i] !== 0),
          () => `a row with scores ${scores.join(', ')} keeps a 0`,
        ),
      ),
    mutant: {
      name: 'zeros inside the budget kept',
      plant: () => ({
        topK: choosing((row, budget) => columnsOf(row, (i, j) => row[j] - row[i] || i - j).slice(0, budget)),
      }),
    },
  },
  {
    id: 'kept-scores-outrank-dropped-ones',
    statement:
      'Every kept score is above every dropped score that is not 0, or equal to it in a lower column.',
    source: 'contract, Sparsifiner 3: the largest by signed value; equal scores: the lower column wins',
    equations: EQ3,
    holds: (lab, trial) =>
      eachRow(lab, trial, ({ scores, kept, dropped }) => {
        for (const i of kept) {
          const above = dropped.find((j) => scores[j] > scores[i] || (scores[j] === scores[i] && j < i))
          demand(
            above === undefined,
            () => `column ${i} (${scores[i]}) is kept, ${above} (${scores[above ?? 0]}) is not`,
          )
        }
      }),
    mutant: {
      name: 'ties resolved upward: the higher column wins',
      plant: () => ({
        topK: choosing((row, budget) =>
          columnsOf(row, (i, j) => row[j] - row[i] || j - i)
            .slice(0, budget)
            .filter((column) => row[column] !== 0),
        ),
      }),
    },
  },
  {
    id: 'zeros-hold-places-above-negatives',
    statement:
      'Of p positive scores, z zeros and q negative ones a row keeps min(B, p) positives and min(q, max(0, B − p − z)) negatives.',
    source: 'contract, edges: scores are ranked by signed value, exact zeros are dropped after the choice',
    equations: EQ3,
    holds: (lab, trial) =>
      eachRow(lab, trial, ({ scores, kept }, budget) => {
        const positives = scores.filter((score) => score > 0).length
        const negatives = scores.filter((score) => score < 0).length
        const zeros = scores.length - positives - negatives
        const expected =
          Math.min(budget, positives) + Math.min(negatives, Math.max(0, budget - positives - zeros))
        demand(
          kept.length === expected,
          () => `scores ${scores.join(', ')}, budget ${budget}: ${kept.length} kept`,
        )
      }),
    mutant: {
      name: 'zeros dropped before the choice, negatives taking their places',
      plant: () => ({
        topK: choosing((row, budget) =>
          columnsOf(row, (i, j) => row[j] - row[i] || i - j)
            .filter((column) => row[column] !== 0)
            .slice(0, budget),
        ),
      }),
    },
  },
]

/** A row of scores, and the columns that M keeps and, zeros apart, drops. */
interface ScoredRow {
  readonly scores: readonly number[]
  readonly kept: readonly number[]
  readonly dropped: readonly number[]
}

function eachRow(lab: Lab, trial: Trial, check: (row: ScoredRow, budget: number) => void): void {
  const drawn = crowded(lab, trial)
  const budget = random(trial.seed).fork('budget').integer(0, drawn.sizes['n'])
  const answer = lab.answer(changed(drawn, {}, { budget }))
  const rows = rowsOf(answer.mask('M'))
  for (const [index, scores] of rowsOf(answer.tensor('scores')).entries()) {
    const columns = range(scores.length)
    const kept = columns.filter((column) => rows[index][column] === 1)
    const dropped = columns.filter((column) => rows[index][column] === 0 && scores[column] !== 0)
    check({ scores, kept, dropped }, budget)
  }
}

/** A question of Eq. (3) with few distinct columns in W_up, one of them 0: ties, zeros and negatives in every row. */
function crowded(lab: Lab, trial: Trial): Question {
  const source = random(trial.seed).fork('crowded')
  const n = source.integer(3, 9)
  const question = lab.sample('sparsifiner/eq3', trial, { config: { budget: n }, sizes: { n } })
  const columns = range(n).map(() => source.integer(0, 2))
  return withEach(question, ['param.W_up'], (w) =>
    take(
      mapped(w, (value, i) => (i % n === 0 ? 0 : value)),
      1,
      columns,
    ),
  )
}
