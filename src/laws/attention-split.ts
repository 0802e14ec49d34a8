import { random } from '../random.ts'
import type { Law } from './law.ts'
import { agree, exact, identical, plus } from './measured.ts'
import { inBfloat16, map } from './mutants.ts'
import { ask, changed, tensorOf, valuesOf } from './questions.ts'
import { constant, filled, mapped, range, take } from './rearrange.ts'

/** Laws of STViT Eqs. (2) and (3) together. */
export const attentionSplitLaws: readonly Law[] = [
  {
    id: 'eq3-is-the-attention-inside-eq2',
    statement: 'Without norms, A of Eq. (3) is the attention map inside Eq. (2).',
    source: 'STViT Eq. (3): A_s + A_g are the scores of Eq. (2), by linearity of the query projection',
    equations: ['stvit/eq2', 'stvit/eq3'],
    holds(lab, trial) {
      const split = lab.sample('stvit/eq3', trial)
      const { C, h } = split.sizes
      const source = random(trial.seed).fork('the rest of the layer')
      const weights = filled([C, C], () => source.normal() / Math.sqrt(C))
      const rest = ['attn.v', 'attn.proj', 'ffn.fc1', 'ffn.fc2'].map((name) => [
        `param.${name}.weight`,
        weights,
      ])
      const whole = ask(
        'stvit/eq2',
        { ...Object.fromEntries(split.tensors), ...valuesOf(Object.fromEntries(rest)) },
        { heads: h },
      )
      agree('A of eq3 and of eq2', lab.answer(split).dense('A'), lab.answer(whole).dense('A'))
    },
    mutant: {
      name: 'projections read their input in bfloat16',
      plant: (rules) => ({
        linear: (x, weight, bias) => rules.linear(inBfloat16(x), weight, bias),
      }),
    },
  },
  {
    id: 'without-global-centres-nothing-global-remains',
    statement:
      'With G = 0, A_g of Eq. (3) is 0, whatever the query bias, and both residuals of Eq. (2) give the same.',
    source: 'contract, STViT 2 and 3: the query bias is added once, in A_s',
    equations: ['stvit/eq2', 'stvit/eq3'],
    holds(lab, trial) {
      const noCentres = (id: string) => {
        const question = lab.sample(id, trial, { has: () => true })
        return changed(question, { 'param.G': mapped(tensorOf(question, 'param.G'), () => 0) })
      }
      const A_g = lab.answer(noCentres('stvit/eq3')).tensor('A_g')
      identical('A_g without G', A_g, constant(A_g.shape, 0))
      const layer = noCentres('stvit/eq2')
      const [paper, code] = ['S1', 'S1+G'].map((residual) => lab.answer(changed(layer, {}, { residual })))
      identical('S with residual S1 and S1+G', paper.tensor('S'), code.tensor('S'))
    },
    mutant: {
      name: 'a projection without bias adds the bias of the one before it',
      plant(rules) {
        let last: Parameters<typeof rules.linear>[2]
        return {
          linear(x, weight, bias) {
            if (bias !== undefined) last = bias
            return rules.linear(x, weight, last?.size === weight.shape[0] ? last : undefined)
          },
        }
      },
    },
  },
  {
    id: 'residuals-of-eq2-differ-by-the-global-centres',
    statement:
      'S_hat of Eq. (2) with the residual S1 + G is S_hat with S1, plus G, in every element of the batch.',
    source: 'contract, STViT 2: the residual is S1 in the paper, S1 + G in the authors’ code',
    equations: ['stvit/eq2'],
    holds(lab, trial) {
      const question = lab.sample('stvit/eq2', trial, { lead: [2] })
      const [paper, code] = ['S1', 'S1+G'].map((residual) =>
        lab.answer(changed(question, {}, { residual })).dense('S_hat'),
      )
      const G = tensorOf(question, 'param.G')
      const repeated = mapped(tensorOf(question, 'input.S1'), (_, i) => G.data[i % G.size])
      agree('S_hat with S1+G, and with S1 plus G', code, plus(paper, exact(repeated)))
    },
    mutant: {
      name: 'what is shared over the batch is added to its first element alone',
      plant: (rules) => ({
        add(x, y) {
          if (x.size === y.size) return rules.add(x, y)
          const padded = map(x, (_, i) => (i < y.size ? y.data[i] : 0))
          return rules.add(x, padded)
        },
      }),
    },
  },
  {
    id: 'semantic-keys-come-first',
    statement: 'The first Ns columns of the scores of Eqs. (2) and (3) do not depend on the image tokens X.',
    source: 'contract, STViT 2: keys and values are Concat(S1, X), S1 first',
    equations: ['stvit/eq2', 'stvit/eq3'],
    holds(lab, trial) {
      for (const [id, names] of [
        ['stvit/eq2', ['scores']],
        ['stvit/eq3', ['A_s', 'A_g']],
      ] as const) {
        const question = lab.sample(id, trial)
        const other = changed(question, { 'input.X': mapped(tensorOf(question, 'input.X'), (x) => 1 - x) })
        const [before, after] = [lab.answer(question), lab.answer(other)]
        for (const name of names) {
          const first = (answer: typeof before) => take(answer.tensor(name), -1, range(question.sizes['Ns']))
          identical(`${id} ${name} at the keys of S1`, first(before), first(after))
        }
      }
    },
    mutant: {
      name: 'X before S1 in the concatenation',
      plant: (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
    },
  },
]
