import { oneOf } from './draw.ts'
import type { Law } from './law.ts'
import { agree, exact, identical, rowTotals, between } from './measured.ts'
import { mapRows, powers, total } from './mutants.ts'
import { changed, tensorOf, withEach } from './questions.ts'
import { filled, mapped, quantised } from './rearrange.ts'

/** Every softmax over whole rows that an equation shows. */
const SOFTMAXES = [
  ['stvit/eq1', 'A'],
  ['stvit/eq3', 'A'],
  ['stvit/eq5', 'weights'],
  ['sparsifiner/eq1', 'A_down'],
] as const

/** Laws of softmax and of the scale of its logits. */
export const softmaxLaws: readonly Law[] = [
  {
    id: 'softmax-rows-sum-to-one',
    statement: 'The rows of A, of A_down and of the pooling weights are not negative and sum to one.',
    source: 'contract, conventions: softmax over the last dimension',
    equations: SOFTMAXES.map(([id]) => id),
    holds(lab, trial) {
      const [[id, name]] = oneOf(SOFTMAXES, trial)
      const p = lab.answer(lab.sample(id, trial)).dense(name)
      between(
        `${id} ${name}`,
        p,
        () => 0,
        () => 1,
      )
      agree(`row sums of ${id} ${name}`, rowTotals(p), exact(mapped(p.tensor, () => 1)))
    },
    mutant: {
      name: 'one too many in the denominator: softmax with a sink',
      plant: () => ({
        softmax: (x) =>
          mapRows(x, (row) => {
            const p = powers(row)
            return p.map((power) => power / (1 + total(p)))
          }),
      }),
    },
  },
  {
    id: 'shifting-all-keys-changes-no-attention',
    statement:
      'Adding one vector to all keys of Sparsifiner’s Eq. (4) shifts each row of logits and changes no attention.',
    source: 'algebra: softmax depends only on differences within a row',
    equations: ['sparsifiner/eq4'],
    holds(lab, trial) {
      const [normalize, source] = oneOf(['full', 'masked'], trial)
      const question = withEach(
        lab.sample('sparsifiner/eq4', trial, { config: { normalize } }),
        ['input.K'],
        quantised,
      )
      const d = question.sizes['d']
      const by = filled([d], () => source.integer(-256, 256))
      const shifted = withEach(question, ['input.K'], (K) => mapped(K, (value, i) => value + by.data[i % d]))
      const [before, after] = [lab.answer(question), lab.answer(shifted)]
      agree(`A_sparse, ${normalize}, of shifted keys`, after.dense('A_sparse'), before.dense('A_sparse'))
    },
    mutant: {
      name: 'softmax without subtracting the maximum: exp overflows float32',
      plant: () => ({
        softmax: (x) =>
          mapRows(x, (row) => {
            const p = row.map((z) => Math.fround(Math.exp(z)))
            return p.map((power) => power / total(p))
          }),
      }),
    },
  },
  {
    id: 'default-scale-is-one-over-root-d',
    statement:
      'With d = 4, the logits of Sparsifiner’s Eqs. (1) and (4) are exactly half the products, scale given as 1/2 or left out.',
    source: 'contract, Sparsifiner 1 and 4: scale defaults to 1/√d',
    equations: ['sparsifiner/eq1', 'sparsifiner/eq4'],
    holds(lab, trial) {
      const [id] = oneOf(['sparsifiner/eq1', 'sparsifiner/eq4'], trial)
      const question = lab.sample(id, trial, { config: {}, sizes: { d: 4 } })
      const answer = lab.answer(question)
      const keys = id === 'sparsifiner/eq1' ? answer.tensor('K_down') : tensorOf(question, 'input.K')
      const products = lab.compute((a, dense) =>
        a.matmulTransposed(dense(tensorOf(question, 'input.Q')), dense(keys)),
      )
      const expected = mapped(products.tensor, (x) => x / 2)
      identical('logits by default', answer.tensor('logits'), expected)
      identical(
        'logits of scale 1/2',
        lab.answer(changed(question, {}, { scale: 0.5 })).tensor('logits'),
        expected,
      )
    },
    mutant: {
      name: 'the 1/√d left out',
      plant: () => ({ scale: (x) => x }),
    },
  },
  {
    id: 'only-queries-times-scale-count',
    statement: 'Doubling Q and halving the scale changes no bit of A_down or A_sparse.',
    source: 'Sparsifiner Eqs. (1), (4): logits are linear in Q and in the scale; powers of two round nothing',
    equations: ['sparsifiner/eq1', 'sparsifiner/eq4'],
    holds(lab, trial) {
      const [[id, name, config], source] = oneOf(
        [
          ['sparsifiner/eq1', 'A_down', {}],
          ['sparsifiner/eq4', 'A_sparse', { normalize: 'full' }],
          ['sparsifiner/eq4', 'A_sparse', { normalize: 'masked' }],
        ] as const,
        trial,
      )
      const scale = source.pick([0.1, 0.125, 1])
      const question = lab.sample(id, trial, { config: { ...config, scale } })
      const doubled = withEach(question, ['input.Q'], (Q) => mapped(Q, (value) => 2 * value))
      const halved = lab.answer(changed(doubled, {}, { scale: scale / 2 }))
      identical(`${name} of 2Q, scale/2`, halved.tensor(name), lab.answer(question).tensor(name))
    },
    mutant: {
      name: 'the scale applied to queries and to keys',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(rules.scale(x, factor), factor) }),
    },
  },
]
