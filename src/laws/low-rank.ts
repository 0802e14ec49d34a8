import { random } from '../random.ts'
import { permutation } from './draw.ts'
import type { Law } from './law.ts'
import { agree, identical } from './measured.ts'
import { map, nonZero } from './mutants.ts'
import { ask, changed, tensorOf, valuesOf, withEach } from './questions.ts'
import { filled, mapped, maskWhere, range, take } from './rearrange.ts'

/** Laws of Sparsifiner Eqs. (1) and (2): low-rank attention and its threshold. */
export const lowRankLaws: readonly Law[] = [
  {
    id: 'low-rank-attention-of-full-rank-is-attention',
    statement:
      'With W_down the identity, A_down of Eq. (1) is the attention of Eq. (4) with every place connected, bit for bit.',
    source: 'Sparsifiner Eqs. (1), (4): both are softmax(QKᵀ/√d), the first through W_down',
    equations: ['sparsifiner/eq1', 'sparsifiner/eq4'],
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/eq1', trial)
      const { n } = drawn.sizes
      const identity = filled([n, n], (i) => (Math.floor(i / n) === i % n ? 1 : 0))
      const [Q, K] = [tensorOf(drawn, 'input.Q'), tensorOf(drawn, 'input.K')]
      const M = maskWhere([...drawn.lead, n, n], () => true)
      const whole = ask(
        'sparsifiner/eq4',
        valuesOf({ 'input.Q': Q, 'input.K': K, 'input.M': M }),
        drawn.asked,
      )
      const A_down = lab.answer(changed(drawn, { 'param.W_down': identity })).tensor('A_down')
      identical('A_down and A_sparse', A_down, lab.answer(whole).tensor('A_sparse'))
    },
    mutant: {
      name: 'the projection reads the tokens one row late',
      plant: (rules) => ({
        matmul(x, y) {
          const rows = range(y.shape[y.shape.length - 2])
          return rules.matmul(x, take(y, -2, [...rows.slice(1), 0]))
        },
      }),
    },
  },
  {
    id: 'permuting-tokens-with-the-projection-changes-nothing',
    statement: 'Permuting the keys together with the columns of W_down leaves A_down as it is.',
    source: 'Sparsifiner Eq. (1): W_down K sums over the tokens in any order',
    equations: ['sparsifiner/eq1'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq1', trial)
      const order = permutation(random(trial.seed).fork('tokens'), question.sizes['n'])
      const permuted = withEach(question, ['input.K', 'param.W_down'], (x, name) =>
        take(x, name === 'input.K' ? -2 : -1, order),
      )
      agree(
        'A_down of permuted tokens',
        lab.answer(permuted).dense('A_down'),
        lab.answer(question).dense('A_down'),
      )
    },
    mutant: {
      name: 'the last token left out of the projection',
      plant: (rules) => ({
        matmul(x, y) {
          const rows = range(Math.max(1, y.shape[y.shape.length - 2] - 1))
          return rules.matmul(take(x, -1, rows), take(y, -2, rows))
        },
      }),
    },
  },
  {
    id: 'thresholding-twice-is-thresholding-once',
    statement: 'A_tilde of A_tilde is A_tilde, and what is kept is A_down’s own value.',
    source: 'contract, Sparsifiner 2: keep where greater than tau, else 0',
    equations: ['sparsifiner/eq2'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq2', trial)
      const A_down = tensorOf(question, 'input.A_down')
      const A_tilde = lab.answer(question).tensor('A_tilde')
      const again = lab.answer(changed(question, { 'input.A_down': A_tilde })).tensor('A_tilde')
      identical('A_tilde thresholded again', again, A_tilde)
      const kept = mapped(A_down, (value, i) => (A_tilde.data[i] === 0 ? 0 : value))
      identical('A_tilde and what it keeps of A_down', A_tilde, kept)
    },
    mutant: {
      name: 'soft threshold: tau subtracted from what is kept',
      plant: () => ({
        threshold: (x, tau) => nonZero(map(x, (value) => Math.max(0, value - tau))),
      }),
    },
  },
  {
    id: 'threshold-is-strict-at-tau',
    statement:
      'A coefficient that is exactly tau, rounded to float32, is dropped; the next float32 above is kept.',
    source: 'contract, Sparsifiner 2: strictly greater than tau, tau itself rounded to float32 first',
    equations: ['sparsifiner/eq2'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('tau')
      const tau = source.pick([0.05, 0.1, 0.25, source.uniform()])
      const [below, at, above] = [-1, 0, 1].map((steps) => stepped(tau, steps))
      const question = lab.sample('sparsifiner/eq2', trial, {
        config: { tau },
        lead: [],
        sizes: { n: 1, m: 3 },
      })
      const edge = changed(question, { 'input.A_down': filled([1, 3], (i) => [below, at, above][i]) })
      const expected = filled([1, 3], (i) => (i === 2 ? above : 0))
      identical(`A_tilde around tau = ${tau}`, lab.answer(edge).tensor('A_tilde'), expected)
    },
    mutant: {
      name: '≥ for >: what equals tau is kept',
      plant: () => ({
        threshold: (x, tau) => nonZero(map(x, (value) => (value >= Math.fround(tau) ? value : 0))),
      }),
    },
  },
  {
    id: 'a-higher-tau-keeps-a-subset',
    statement:
      'What Eq. (2) keeps at a higher tau it keeps at a lower one, and at tau = 0 it keeps every positive entry.',
    source: 'Sparsifiner Eq. (2): the threshold is monotone in tau',
    equations: ['sparsifiner/eq2'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('tau')
      const higher = source.uniform() / 2
      const lower = higher * source.uniform()
      const question = lab.sample('sparsifiner/eq2', trial)
      const at = (tau: number) => lab.answer(changed(question, {}, { tau })).tensor('A_tilde')
      const [few, more] = [at(higher), at(lower)]
      const both = mapped(few, (value, i) => (value === 0 ? 0 : more.data[i]))
      identical(`A_tilde at tau ${higher}, and what tau ${lower} keeps of it`, few, both)
      const A_down = tensorOf(question, 'input.A_down')
      identical('A_tilde at tau = 0', at(0), A_down)
    },
    mutant: {
      name: 'the comparison turned round: what is below tau is kept',
      plant: () => ({
        threshold: (x, tau) => nonZero(map(x, (value) => (value < Math.fround(tau) ? value : 0))),
      }),
    },
  },
]

/** The float32 `steps` places above the one nearest to a positive number. */
function stepped(value: number, steps: number): number {
  const bits = new Int32Array(new Float32Array([value]).buffer)
  bits[0] += steps
  return new Float32Array(bits.buffer)[0]
}
