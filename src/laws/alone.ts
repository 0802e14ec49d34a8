import { random } from '../random.ts'
import { layers, type Attending } from './attending.ts'
import type { Law } from './law.ts'
import { agree, exact, identical, times } from './measured.ts'
import { inBfloat16, map, mapRows, powers, total } from './mutants.ts'
import { changed, tensorOf, withEach } from './questions.ts'
import { constant, filled, mapped, quantised, range, take } from './rearrange.ts'

const [eq1, eq2, eq6] = layers

/** Attention and FFN that give 0 leave what their residuals add: `residual` of the question, bit for bit. */
function residualLaw({ id, queries, hat, out }: Attending, name: string, mutant: Law['mutant']): Law {
  return {
    id: `${id.replace('/', '-')}-leaves-its-residual`,
    statement: `Where attention and FFN of ${id} give 0, its outputs are ${name}, bit for bit.`,
    source: 'STViT Eqs. (1), (2), (6): + P, + S¹, + X',
    equations: [id],
    holds(lab, trial) {
      const heads = random(trial.seed).fork('heads').integer(1, 2)
      const drawn = lab.sample(id, trial, { config: { heads } })
      const last = ['attn.proj', 'ffn.fc2'].flatMap((x) => [`param.${x}.weight`, `param.${x}.bias`])
      const question = withEach(drawn, last, (w) => constant(w.shape, 0))
      const answer = lab.answer(question)
      const residual = tensorOf(question, queries)
      for (const output of [hat, out]) identical(output, answer.tensor(output), residual)
    },
    mutant,
  }
}

/** Every key twice is every key once: softmax halves what the sum doubles. */
function repeatedKeysLaw({ id, keys, hat, out }: Attending, mutant: Law['mutant']): Law {
  return {
    id: `${id.replace('/', '-')}-counts-no-keys`,
    statement: `Giving every key of ${id} twice changes nothing.`,
    source: 'algebra: softmax halves what the sum over the values doubles',
    equations: [id],
    holds(lab, trial) {
      const question = lab.sample(id, trial)
      const twice = withEach(question, [keys], (x) => {
        const places = range(x.shape[x.shape.length - 2])
        return take(x, -2, [...places, ...places])
      })
      const [once, again] = [lab.answer(question), lab.answer(twice)]
      for (const name of [hat, out]) agree(`${name} of keys given twice`, again.dense(name), once.dense(name))
    },
    mutant,
  }
}

/** Laws that ask one equation alone, where the others leave it fewer than three. */
export const aloneLaws: readonly Law[] = [
  residualLaw(eq1, 'P', { name: 'the residuals left out', plant: () => ({ add: (x) => x }) }),
  repeatedKeysLaw(eq1, {
    name: 'a padded key of logit 0 in the denominator',
    plant: () => ({
      softmax: (x) =>
        mapRows(x, (row) => {
          const p = powers(row)
          return p.map((power) => power / (total(p) + Math.exp(-Math.max(...row))))
        }),
    }),
  }),
  residualLaw(eq2, 'S1', {
    name: 'half of every residual, as where branches are divided by two',
    plant: (rules) => ({
      add: (x, y) =>
        rules.add(
          x,
          map(y, (value) => value / 2),
        ),
    }),
  }),
  residualLaw(eq6, 'X', {
    name: 'every residual added twice',
    plant: (rules) => ({ add: (x, y) => rules.add(rules.add(x, y), y) }),
  }),
  repeatedKeysLaw(eq6, {
    name: 'attention divided by the number of keys as well',
    plant: (rules) => ({ softmax: (x) => rules.scale(rules.softmax(x), 1 / (x.shape.at(-1) ?? 1)) }),
  }),
  {
    id: 'global-scores-are-linear-in-the-centres',
    statement: 'Doubling G doubles A_g of Eq. (3) exactly and leaves A_s as it is.',
    source: 'STViT Eq. (3): G W_q stands in A_g alone; contract: the query bias is in A_s',
    equations: ['stvit/eq3'],
    holds(lab, trial) {
      const question = lab.sample('stvit/eq3', trial)
      const doubled = withEach(question, ['param.G'], (G) => mapped(G, (x) => 2 * x))
      const [once, twice] = [lab.answer(question), lab.answer(doubled)]
      identical('A_s', twice.tensor('A_s'), once.tensor('A_s'))
      identical(
        'A_g',
        twice.tensor('A_g'),
        mapped(once.tensor('A_g'), (x) => 2 * x),
      )
    },
    mutant: {
      name: 'one added where a projection has no bias',
      plant: (rules) => ({
        linear: (x, weight, bias) =>
          bias === undefined
            ? map(rules.linear(x, weight), (value) => value + 1)
            : rules.linear(x, weight, bias),
      }),
    },
  },
  {
    id: 'the-same-tokens-are-the-same-keys',
    statement:
      'With the semantic tokens for image tokens too, both halves of A of Eq. (3) are the same bits.',
    source: 'contract, STViT 3: (S¹ + X) is the concatenation, one W_k for both',
    equations: ['stvit/eq3'],
    holds(lab, trial) {
      const question = lab.sample('stvit/eq3', trial)
      const { Ns } = question.sizes
      const A = lab.answer(changed(question, { 'input.X': tensorOf(question, 'input.S1') })).tensor('A')
      const half = (start: number) =>
        take(
          A,
          -1,
          range(Ns).map((i) => start + i),
        )
      identical('columns of S1 and of X', half(0), half(Ns))
    },
    mutant: {
      name: 'what is joined second cut to bfloat16',
      plant: (rules) => ({
        concat: ([first, ...others], axis) => rules.concat([first, ...others.map(inBfloat16)], axis),
      }),
    },
  },
  {
    id: 'a-query-of-zeros-weighs-all-alike',
    statement: 'With Q = 0 every entry of A_down is 1/m, rounded to float32.',
    source: 'Sparsifiner Eq. (1): softmax over the m columns of equal logits',
    equations: ['sparsifiner/eq1'],
    holds(lab, trial) {
      const question = withEach(lab.sample('sparsifiner/eq1', trial), ['input.Q'], (Q) =>
        constant(Q.shape, 0),
      )
      const A_down = lab.answer(question).dense('A_down')
      const m = question.sizes['m']
      agree('A_down', A_down, exact(mapped(A_down.tensor, () => 1 / m)))
    },
    mutant: {
      name: 'softmax over the queries',
      plant: (rules) => ({
        softmax: (x) => rules.swapAxes(rules.softmax(rules.swapAxes(x, -1, -2)), -1, -2),
      }),
    },
  },
  {
    id: 'masking-twice-is-masking-once',
    statement: 'Eq. (5) of its own A_sparse and the same M is that A_sparse, bit for bit.',
    source: 'algebra: M ⊙ M = M for zeros and ones',
    equations: ['sparsifiner/eq5'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq5', trial)
      const once = lab.answer(question).tensor('A_sparse')
      const twice = lab.answer(changed(question, { 'input.A': once })).tensor('A_sparse')
      identical('A_sparse masked again', twice, once)
    },
    mutant: {
      name: 'what is kept doubled',
      plant: (rules) => ({ select: (mask, x) => rules.select(mask, rules.scale(x, 2)) }),
    },
  },
  {
    id: 'shifting-student-and-teacher-alike-loses-nothing',
    statement: 'Adding one number to all tokens of student and teacher leaves Eq. (8) as it is, bit for bit.',
    source: 'Sparsifiner Eq. (8): a difference is squared',
    equations: ['sparsifiner/eq8'],
    holds(lab, trial) {
      const inputs = ['input.x', 'input.x_teach']
      const question = withEach(lab.sample('sparsifiner/eq8', trial), inputs, quantised)
      const by = random(trial.seed).fork('shift').pick([1, -2, 4])
      const shifted = withEach(question, inputs, (x) => mapped(x, (value) => value + by))
      identical('loss', lab.answer(shifted).tensor('loss'), lab.answer(question).tensor('loss'))
    },
    mutant: {
      name: 'errors relative to the teacher',
      plant: (rules) => ({
        subtract: (x, y) => map(rules.subtract(x, y), (value, i) => value / (1 + Math.abs(y.data[i]))),
      }),
    },
  },
  {
    id: 'a-student-without-coefficients-loses-the-teacher',
    statement: 'With A_tilde = 0 and a teacher of ones and zeros Eq. (10) is the share of ones.',
    source: 'Sparsifiner Eq. (10): the mean of (A_tilde W_up − A_teach)²',
    equations: ['sparsifiner/eq10'],
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/eq10', trial, { config: { reduction: 'mean' } })
      const source = random(trial.seed).fork('ones')
      const empty = withEach(drawn, ['input.A_tilde'], (A) => constant(A.shape, 0))
      const question = withEach(empty, ['input.A_teach'], (A) => mapped(A, () => source.integer(0, 1)))
      const ones = tensorOf(question, 'input.A_teach')
      const loss = lab.answer(question).dense('loss')
      agree('loss', loss, exact(filled([], () => total([...ones.data]) / ones.size)))
    },
    mutant: {
      name: 'a small number added to the reconstruction',
      plant: (rules) => ({
        subtract: (x, y) =>
          rules.subtract(
            map(x, (value) => value + 1e-3),
            y,
          ),
      }),
    },
  },
  {
    id: 'a-basis-given-twice-costs-twice',
    statement: 'W_up stacked on itself has twice the loss of Eq. (11).',
    source: 'Sparsifiner Eq. (11): a sum over all entries',
    equations: ['sparsifiner/eq11'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq11', trial)
      const W_up = tensorOf(question, 'param.W_up')
      const rows = range(W_up.shape[0])
      const twice = changed(question, { 'param.W_up': take(W_up, 0, [...rows, ...rows]) })
      agree('loss', lab.answer(twice).dense('loss'), times(lab.answer(question).dense('loss'), 2))
    },
    mutant: {
      name: 'the mean of the squares',
      plant: (rules) => ({ sum: (x, over) => rules.mean(x, over) }),
    },
  },
]
