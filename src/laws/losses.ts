import { random } from '../random.ts'
import { oneOf } from './draw.ts'
import type { Law } from './law.ts'
import { agree, between, exact, identical } from './measured.ts'
import { map, mapRows, total } from './mutants.ts'
import { changed, tensorOf, withEach } from './questions.ts'
import { constant, filled, mapped, quantised, range, take } from './rearrange.ts'

const DIRECTIONS = ['pred,teach', 'teach,pred'] as const

/** Laws of the losses over class logits, Sparsifiner Eqs. (7) and (9). */
export const logitLossLaws: readonly Law[] = [
  {
    id: 'shifting-logits-changes-no-loss',
    statement:
      'Adding a number to all logits of a sample changes neither its term in Eqs. (7) and (9) nor the loss.',
    source: 'algebra: log softmax depends only on differences within a row',
    equations: ['sparsifiner/eq7', 'sparsifiner/eq9'],
    holds(lab, trial) {
      const [id, source] = oneOf(['sparsifiner/eq7', 'sparsifiner/eq9'], trial)
      const drawn = withEach(lab.sample(id, trial), ['input.logits'], quantised)
      const { B, k } = drawn.sizes
      const by = range(B).map(() => source.integer(-256, 256))
      const shifted = withEach(drawn, ['input.logits'], (x) =>
        mapped(x, (value, i) => value + by[Math.floor(i / k)]),
      )
      const [before, after] = [lab.answer(drawn), lab.answer(shifted)]
      for (const name of ['per_sample', 'loss']) {
        agree(`${id} ${name} of shifted logits`, after.dense(name), before.dense(name))
      }
    },
    mutant: {
      name: 'log-sum-exp without subtracting the maximum: exp overflows float32',
      plant: () => ({
        logSoftmax: (x) =>
          mapRows(x, (row) => {
            const sum = Math.fround(total(row.map((z) => Math.fround(Math.exp(z)))))
            return row.map((z) => z - Math.log(sum))
          }),
      }),
    },
  },
  {
    id: 'cross-entropy-is-linear-in-the-target',
    statement: 'Doubling the target doubles the loss of Eq. (7) exactly, and a target of 0 costs nothing.',
    source: 'contract, edges: a target need not sum to one',
    equations: ['sparsifiner/eq7'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq7', trial)
      const loss = (factor: number) =>
        lab
          .answer(withEach(question, ['input.target'], (x) => mapped(x, (value) => factor * value)))
          .tensor('loss')
      identical(
        'loss of 2·target',
        loss(2),
        mapped(loss(1), (value) => 2 * value),
      )
      identical('loss of no target', loss(0), constant([], 0))
    },
    mutant: {
      name: 'the target normalised to sum to one',
      plant: (rules) => ({
        weigh: (w, x) =>
          rules.weigh(
            mapRows(w, (row) => row.map((t) => t / (total(row) || 1))),
            x,
          ),
      }),
    },
  },
  {
    id: 'one-hot-target-picks-its-log-probability',
    statement:
      'With a one-hot target each sample’s term of Eq. (7) is exactly minus the log-probability of its label.',
    source: 'Sparsifiner Eq. (7): −Σ target·log softmax(logits)',
    equations: ['sparsifiner/eq7'],
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/eq7', trial)
      const { B, k } = drawn.sizes
      const source = random(trial.seed).fork('labels')
      const labels = range(B).map(() => source.integer(0, k - 1))
      const target = filled([B, k], (i) => (labels[Math.floor(i / k)] === i % k ? 1 : 0))
      const answer = lab.answer(changed(drawn, { 'input.target': target }))
      const log_probs = answer.tensor('log_probs')
      const per_sample = answer.tensor('per_sample')
      const picked = mapped(per_sample, (_, b) => -log_probs.data[b * k + labels[b]])
      identical('per_sample and −log p of the label', per_sample, picked)
    },
    mutant: {
      name: 'labels counted from one',
      plant: (rules) => ({
        weigh(w, x) {
          const columns = range(w.shape.at(-1) ?? 1)
          return rules.weigh(take(w, -1, [...columns.slice(1), 0]), x)
        },
      }),
    },
  },
  {
    id: 'a-confident-mistake-costs-its-gap',
    statement:
      'A sample whose label lies 60 below another class, all else at the label, costs 60 in Eq. (7).',
    source: 'algebra: −log softmax is 60 + log(1 + (k − 1)e⁻⁶⁰) there',
    equations: ['sparsifiner/eq7'],
    holds(lab, trial) {
      const k = random(trial.seed).fork('classes').integer(2, 9)
      const drawn = lab.sample('sparsifiner/eq7', trial, { sizes: { B: 1, k } })
      const question = changed(drawn, {
        'input.logits': filled([1, k], (i) => (i === 0 ? 60 : 0)),
        'input.target': filled([1, k], (i) => (i === 1 ? 1 : 0)),
      })
      agree('loss of the mistake', lab.answer(question).dense('loss'), exact(constant([], 60)))
    },
    mutant: {
      name: 'the log taken of softmax + 10⁻⁸',
      plant: (rules) => ({ logSoftmax: (x) => map(rules.softmax(x), (p) => Math.log(p + 1e-8)) }),
    },
  },
  {
    id: 'divergence-is-not-negative',
    statement: 'No sample’s divergence in Eq. (9) is negative, in either direction.',
    source: 'algebra: Gibbs’ inequality',
    equations: ['sparsifiner/eq9'],
    holds(lab, trial) {
      const per_sample = lab.answer(lab.sample('sparsifiner/eq9', trial)).dense('per_sample')
      between(
        'per_sample',
        per_sample,
        () => 0,
        () => Infinity,
      )
    },
    mutant: {
      name: 'log q − log p for log p − log q',
      plant: (rules) => ({ subtract: (x, y) => rules.subtract(y, x) }),
    },
  },
  {
    id: 'directions-are-each-other-exchanged',
    statement:
      'Eq. (9) in the direction "pred,teach" is "teach,pred" with student and teacher exchanged, bit for bit.',
    source: 'contract, Sparsifiner 9: KL(pred ‖ teach) or KL(teach ‖ pred)',
    equations: ['sparsifiner/eq9'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq9', trial, { config: { direction: DIRECTIONS[0] } })
      const exchanged = changed(
        question,
        {
          'input.logits': tensorOf(question, 'input.logits_teach'),
          'input.logits_teach': tensorOf(question, 'input.logits'),
        },
        { direction: DIRECTIONS[1] },
      )
      const [printed, code] = [question, exchanged].map((asked) => lab.answer(asked).tensor('loss'))
      identical('loss of exchanged logits and direction', code, printed)
    },
    mutant: {
      name: 'the teacher’s logits softened by a temperature of 2',
      plant(rules) {
        let calls = 0
        return { logSoftmax: (x) => rules.logSoftmax(calls++ % 2 === 1 ? rules.scale(x, 0.5) : x) }
      },
    },
  },
  {
    id: 'certainty-against-ignorance-diverges-by-log-k',
    statement:
      'KL(p ‖ q) of a p that is sure of one class and a q that knows nothing is ln k, in both directions of Eq. (9).',
    source: 'algebra: Σ p (log p − log q) = 0 − log(1/k)',
    equations: ['sparsifiner/eq9'],
    holds(lab, trial) {
      const [direction, source] = oneOf(DIRECTIONS, trial)
      const k = source.integer(2, 9)
      const drawn = lab.sample('sparsifiner/eq9', trial, { config: { direction }, sizes: { B: 1, k } })
      const label = source.integer(0, k - 1)
      const sure = filled([1, k], (i) => (i === label ? 40 : 0))
      const [logits, teacher] = direction === 'pred,teach' ? [sure, zeros(k)] : [zeros(k), sure]
      const question = changed(drawn, { 'input.logits': logits, 'input.logits_teach': teacher })
      agree(`loss, ${direction}`, lab.answer(question).dense('loss'), exact(constant([], Math.log(k))))
    },
    mutant: {
      name: 'the divergence reversed: KL(q ‖ p)',
      plant: (rules) => ({
        weigh: (p, x) =>
          rules.weigh(
            map(p, (value, i) => value * Math.exp(-x.data[i])),
            rules.scale(x, -1),
          ),
      }),
    },
  },
]

function zeros(k: number): ReturnType<typeof constant> {
  return constant([1, k], 0)
}
