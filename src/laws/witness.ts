import { exactAnswer } from '../../reference/exact/index.ts'
import type { Question } from '../cases/question.ts'
import type { Lab } from './lab.ts'
import type { Law, Trial } from './law.ts'
import { agree, exact, identical, measured } from './measured.ts'
import { inBfloat16, map, mapRows, powers, total } from './mutants.ts'
import { tensor } from '../../reference/tensor.ts'

/** The scalar transcriptions take their time: questions for them have extents no larger than this where they can do with it. */
const LARGEST = 3
export const TRIALS = 8

/** Noise is 10⁻⁸ of what it is noise of; so many digits are far more than it takes. */
const DIGITS = 32

/** Trials of questions that the scalar transcription is asked too. */
export function small({ seed, largest }: Trial): Trial {
  return { seed, largest: Math.min(largest, LARGEST) }
}

/**
 * Holds an answer against the scalar transcription of its equation in `reference/exact`: every output and intermediate, within
 * noise; choices exactly.
 * @throws LawBroken at the tensor that is off
 */
export function agreeWithWitness(lab: Lab, question: Question): void {
  const answer = lab.answer(question)
  for (const [name, value] of exactAnswer(question, { digits: DIGITS })) {
    if (value.kind === 'mask') {
      identical(name, answer.mask(name), value)
      continue
    }
    const found = answer.dense(name)
    const judged = judgedAt(question, name)
    const where = (x: typeof found.tensor): typeof found.tensor =>
      judged === undefined
        ? x
        : tensor(
            Float64Array.from(x.data, (v, i) => (judged[i] === 0 ? 0 : v)),
            x.shape,
          )
    const own = measured(where(found.tensor), () => where(found.s2))
    const values = Float64Array.from(value.values, (ball) => ball.value.toNumber())
    agree(`${name} and its transcription`, own, exact(where(tensor(values, value.shape))))
  }
}

/** The mask, among the inputs, outside which a tensor means nothing. */
function judgedAt({ equation, tensors }: Question, name: string): Uint8Array | undefined {
  const { judgedAt: by } = equation.exposes[name]
  const mask = by === undefined ? undefined : tensors.get(`input.${by}`)
  return mask?.kind === 'mask' ? mask.mask.data : undefined
}

/** The equations with a bug each that its transcription shows. */
const bugs: readonly (readonly [id: string, mutant: Law['mutant']])[] = [
  [
    'stvit/eq1',
    {
      name: 'GELU by tanh',
      plant: () => ({
        gelu: (x) =>
          map(x, (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
      }),
    },
  ],
  [
    'stvit/eq2',
    {
      name: 'concatenation in the other order',
      plant: (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
    },
  ],
  [
    'stvit/eq3',
    {
      name: 'scores over d instead of its root',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(x, factor ** 2) }),
    },
  ],
  [
    'stvit/eq4',
    {
      name: 'bias of the convolutions left out',
      plant: (rules) => ({
        convolve: (x, weight, _, groups) => rules.convolve(x, weight, undefined, groups),
      }),
    },
  ],
  [
    'stvit/eq5',
    {
      name: 'powers of two in the softmax',
      plant: (rules) => ({ softmax: (x) => rules.softmax(rules.scale(x, Math.LN2)) }),
    },
  ],
  [
    'stvit/eq6',
    {
      name: 'bias of linear layers left out',
      plant: (rules) => ({ linear: (x, weight) => rules.linear(x, weight) }),
    },
  ],
  ['sparsifiner/eq1', { name: 'the scale left out', plant: () => ({ scale: (x) => x }) }],
  [
    'sparsifiner/eq2',
    { name: 'half of tau taken', plant: (rules) => ({ threshold: (x, tau) => rules.threshold(x, tau / 2) }) },
  ],
  [
    'sparsifiner/eq3',
    {
      name: 'one place more than the budget',
      plant: (rules) => ({ topK: (x, budget) => rules.topK(x, budget + 1) }),
    },
  ],
  [
    'sparsifiner/eq4',
    {
      name: 'no scale on either form',
      plant: () => ({ scale: (x) => x, sparseScale: (x) => x }),
    },
  ],
  [
    'sparsifiner/eq5',
    {
      name: 'attention kept in bfloat16',
      plant: (rules) => ({ select: (mask, x) => rules.select(mask, inBfloat16(x)) }),
    },
  ],
  [
    'sparsifiner/eq6',
    {
      name: 'values read in bfloat16',
      plant: (rules) => ({ sparseMatmulDense: (x, y) => rules.sparseMatmulDense(x, inBfloat16(y)) }),
    },
  ],
  [
    'sparsifiner/eq7',
    { name: 'the sum over the batch', plant: (rules) => ({ mean: (x, over) => rules.sum(x, over) }) },
  ],
  [
    'sparsifiner/eq8',
    {
      name: 'half the mean of squares',
      plant: (rules) => ({ mean: (x, over) => map(rules.mean(x, over), (v) => v / 2) }),
    },
  ],
  [
    'sparsifiner/eq9',
    {
      name: 'logarithms to the base 2',
      plant: () => ({
        logSoftmax: (x) =>
          mapRows(x, (row) => {
            const p = powers(row)
            return p.map((power) => Math.log2(power / total(p)))
          }),
      }),
    },
  ],
  [
    'sparsifiner/eq10',
    {
      name: 'distances in place of their squares',
      plant: () => ({ multiply: (x) => map(x, Math.abs) }),
    },
  ],
  [
    'sparsifiner/eq11',
    {
      name: 'the half that weight decay has',
      plant: (rules) => ({ sum: (x, over) => map(rules.sum(x, over), (v) => v / 2) }),
    },
  ],
  [
    'sparsifiner/eq12',
    {
      name: 'the root of each λ',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(x, Math.sqrt(factor)) }),
    },
  ],
]

/** Laws of every equation by itself: it says what its formula says, read a second time. */
export const witnessLaws: readonly Law[] = bugs.map(([id, mutant]) => ({
  id: `${id.replace('/', '-')}-is-its-scalar-transcription`,
  statement: `Every output and intermediate of ${id} is, within noise, what 32 digits make of the printed formula.`,
  source: 'the paper’s formula, read a second time: `reference/exact`',
  equations: [id],
  holds: (lab, trial) => agreeWithWitness(lab, lab.sample(id, small(trial))),
  mutant,
  trials: TRIALS,
}))
