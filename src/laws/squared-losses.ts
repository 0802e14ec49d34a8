import { random } from '../random.ts'
import { oneOf, permutation } from './draw.ts'
import type { Law } from './law.ts'
import { agree, identical, times } from './measured.ts'
import { map } from './mutants.ts'
import { ask, changed, tensorOf, valuesOf, withEach } from './questions.ts'
import { constant, mapped, range, take } from './rearrange.ts'

/** Laws of the squared errors, Sparsifiner Eqs. (8), (10) and (11), and of the means all losses take. */
export const squaredLossLaws: readonly Law[] = [
  {
    id: 'token-loss-is-symmetric',
    statement: 'Exchanging student and teacher leaves the loss of Eq. (8) as it is, bit for bit.',
    source: 'Sparsifiner Eq. (8): the square of a difference',
    equations: ['sparsifiner/eq8'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq8', trial)
      const exchanged = changed(question, {
        'input.x': tensorOf(question, 'input.x_teach'),
        'input.x_teach': tensorOf(question, 'input.x'),
      })
      identical('loss', lab.answer(exchanged).tensor('loss'), lab.answer(question).tensor('loss'))
    },
    mutant: {
      name: 'differences below 0 cut off, as of unsigned numbers',
      plant: (rules) => ({ subtract: (x, y) => map(rules.subtract(x, y), (value) => Math.max(0, value)) }),
    },
  },
  {
    id: 'squared-losses-are-quadratic',
    statement:
      'Doubling everything that Eqs. (8), (10) and (11) compare multiplies their losses by exactly 4.',
    source: 'Sparsifiner Eqs. (8), (10), (11): squares; scaling by powers of two rounds nothing',
    equations: ['sparsifiner/eq8', 'sparsifiner/eq10', 'sparsifiner/eq11'],
    holds(lab, trial) {
      for (const [id, names] of [
        ['sparsifiner/eq8', ['input.x', 'input.x_teach']],
        ['sparsifiner/eq10', ['param.W_up', 'input.A_teach']],
        ['sparsifiner/eq11', ['param.W_up']],
      ] as const) {
        const question = lab.sample(id, trial)
        const doubled = withEach(question, names, (x) => mapped(x, (value) => 2 * value))
        const loss = lab.answer(question).tensor('loss')
        identical(
          `${id} loss of doubled tensors`,
          lab.answer(doubled).tensor('loss'),
          mapped(loss, (value) => 4 * value),
        )
      }
    },
    mutant: {
      name: 'absolute values for squares',
      plant: (rules) => ({ multiply: (x, y) => (x === y ? map(x, Math.abs) : rules.multiply(x, y)) }),
    },
  },
  {
    id: 'a-student-like-its-teacher-loses-nothing',
    statement:
      'Eqs. (8) and (9) of equal tensors, and Eq. (10) of a teacher that is the reconstruction, are exactly 0.',
    source: 'Sparsifiner Eqs. (8), (9), (10): all depend on differences from the teacher',
    equations: ['sparsifiner/eq8', 'sparsifiner/eq9', 'sparsifiner/eq10'],
    holds(lab, trial) {
      const n = random(trial.seed).fork('n').integer(2, 9)
      for (const [id, student, teacher] of [
        ['sparsifiner/eq8', 'input.x', 'input.x_teach'],
        ['sparsifiner/eq9', 'input.logits', 'input.logits_teach'],
      ] as const) {
        const question = lab.sample(id, trial)
        const same = lab.answer(changed(question, { [teacher]: tensorOf(question, student) }))
        identical(`${id} loss`, same.tensor('loss'), constant([], 0))
      }
      const question = lab.sample('sparsifiner/eq10', trial, { sizes: { n } })
      const scores = lab.answer(question).tensor('scores')
      const same = lab.answer(changed(question, { 'input.A_teach': scores }))
      identical('sparsifiner/eq10 loss', same.tensor('loss'), constant([], 0))
    },
    mutant: {
      name: 'the teacher’s attention read transposed',
      plant: (rules) => ({
        subtract(x, y) {
          const [n, m] = y.shape.slice(-2)
          return rules.subtract(x, y.shape.length > 1 && n === m ? rules.swapAxes(y, -1, -2) : y)
        },
      }),
    },
  },
  {
    id: 'repeating-the-batch-leaves-the-mean',
    statement: 'Giving every sample twice leaves the losses of Eqs. (7), (8), (9) and (10) as they are.',
    source: 'contract, Sparsifiner 7 to 10: means, over B or over all elements',
    equations: [7, 8, 9, 10].map((number) => `sparsifiner/eq${number}`),
    holds(lab, trial) {
      const [[id, lead]] = oneOf(
        [
          ['sparsifiner/eq7', undefined],
          ['sparsifiner/eq8', [3, 2]],
          ['sparsifiner/eq9', undefined],
          ['sparsifiner/eq10', [3]],
        ] as const,
        trial,
      )
      const question = lab.sample(id, trial, { config: {}, ...(lead === undefined ? {} : { lead }) })
      const inputs = Object.keys(question.equation.inputs).map((name) => `input.${name}`)
      const twice = withEach(question, inputs, (x) =>
        take(
          x,
          0,
          range(2 * x.shape[0]).map((i) => i % x.shape[0]),
        ),
      )
      agree(
        `${id} loss of a repeated batch`,
        lab.answer(twice).dense('loss'),
        lab.answer(question).dense('loss'),
      )
    },
    mutant: {
      name: 'a sum over the batch for its mean',
      plant: (rules) => ({ mean: (x, over) => rules.sum(x, over) }),
    },
  },
  {
    id: 'sum-is-mean-times-count',
    statement: 'The reduction "sum" of Eq. (10) is the mean times the number of elements.',
    source: 'contract, Sparsifiner 10: MSE, reduction "mean" or "sum"',
    equations: ['sparsifiner/eq10'],
    holds(lab, trial) {
      const n = random(trial.seed).fork('n').integer(2, 9)
      const question = lab.sample('sparsifiner/eq10', trial, { config: { reduction: 'sum' }, sizes: { n } })
      const count = tensorOf(question, 'input.A_teach').size
      const [sum, mean] = [{}, { reduction: 'mean' }].map((config) =>
        lab.answer(changed(question, {}, config)).dense('loss'),
      )
      agree('sum, and mean · count', sum, times(mean, count))
    },
    mutant: {
      name: 'the mean divided by the first extent alone',
      plant: (rules) => ({ mean: (x, over) => rules.scale(rules.sum(x, over), 1 / x.shape[0]) }),
    },
  },
  {
    id: 'basis-loss-ignores-signs-and-places',
    statement:
      'Negating entries of W_up changes no bit of Eq. (11), and permuting its rows and columns changes nothing.',
    source: 'Sparsifiner Eq. (11): a sum of squares',
    equations: ['sparsifiner/eq11'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq11', trial)
      const source = random(trial.seed).fork('signs')
      const negated = withEach(question, ['param.W_up'], (w) =>
        mapped(w, (value) => value * source.pick([1, -1])),
      )
      const { m, n } = question.sizes
      const permuted = withEach(question, ['param.W_up'], (w) =>
        take(take(w, 0, permutation(source, m)), 1, permutation(source, n)),
      )
      const loss = lab.answer(question).dense('loss')
      identical('loss of negated entries', lab.answer(negated).tensor('loss'), loss.tensor)
      agree('loss of permuted entries', lab.answer(permuted).dense('loss'), loss)
    },
    mutant: {
      name: 'negative entries cut off before the square',
      plant: (rules) => ({
        multiply: (x, y) =>
          rules.multiply(
            map(x, (value) => Math.max(0, value)),
            y,
          ),
      }),
    },
  },
  {
    id: 'basis-loss-is-the-squared-distance-from-zero',
    statement: 'Eq. (11) is Eq. (8) of W_up against zeros, times the number of entries.',
    source: 'Sparsifiner Eqs. (8), (11): a mean and a sum of squares',
    equations: ['sparsifiner/eq8', 'sparsifiner/eq11'],
    holds(lab, trial) {
      const basis = lab.sample('sparsifiner/eq11', trial)
      const W_up = tensorOf(basis, 'param.W_up')
      const tensors = valuesOf({ 'input.x': W_up, 'input.x_teach': constant(W_up.shape, 0) })
      const mean = lab.answer(ask('sparsifiner/eq8', tensors, {})).dense('loss')
      agree('eq11, and eq8 · count', lab.answer(basis).dense('loss'), times(mean, W_up.size))
    },
    mutant: {
      name: 'the norm for its square',
      plant: (rules) => ({ sum: (x, over) => map(rules.sum(x, over), Math.sqrt) }),
    },
  },
]
