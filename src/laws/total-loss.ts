import { random } from '../random.ts'
import type { Law } from './law.ts'
import { identical } from './measured.ts'
import { changed, tensorOf, withEach } from './questions.ts'
import { constant, filled } from './rearrange.ts'

const TERMS = [
  ['lambda_token', 'input.L_token'],
  ['lambda_cls', 'input.L_kl'],
  ['lambda_attn', 'input.L_attn'],
  ['lambda_spa', 'input.L_spa'],
] as const

/** Laws of the whole objective, Sparsifiner Eq. (12). */
export const totalLossLaws: readonly Law[] = [
  {
    id: 'without-lambdas-the-loss-is-the-classification-loss',
    statement: 'With every λ 0, given or left out, the loss of Eq. (12) is L_cls, bit for bit.',
    source: 'contract, edges: every λ is 0 by default',
    equations: ['sparsifiner/eq12'],
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/eq12', trial, { config: {} })
      const zeros = Object.fromEntries(TERMS.map(([key]) => [key, 0]))
      for (const config of [{}, zeros]) {
        const loss = lab.answer(changed(question, {}, config)).tensor('loss')
        identical('loss and L_cls', loss, tensorOf(question, 'input.L_cls'))
      }
    },
    mutant: {
      name: 'a λ of 0 taken for none given, and 1 used',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(x, factor || 1) }),
    },
  },
  {
    id: 'the-total-loss-is-linear-in-each-lambda',
    statement:
      'With whole losses and dyadic λ, each λ adds exactly λ times its own term to the loss of Eq. (12).',
    source: 'Sparsifiner Eq. (12): L_cls + λ_token·L_token + λ_cls·L_kl + λ_attn·L_attn + λ_spa·L_spa',
    equations: ['sparsifiner/eq12'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('terms')
      const names = ['input.L_cls', ...TERMS.map(([, name]) => name)]
      const drawn = lab.sample('sparsifiner/eq12', trial, { config: {} })
      const whole = withEach(drawn, names, () => filled([], () => source.integer(1, 1000)))
      let expected = tensorOf(whole, 'input.L_cls').data[0]
      const lambdas: Record<string, number> = {}
      for (const [key, name] of TERMS) {
        lambdas[key] = source.pick([0.25, 0.5, 2, 3])
        expected += lambdas[key] * tensorOf(whole, name).data[0]
        const loss = lab.answer(changed(whole, {}, lambdas)).tensor('loss')
        identical(`loss with ${Object.keys(lambdas).join(', ')}`, loss, constant([], expected))
      }
    },
    mutant: {
      name: 'each λ applied twice',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(x, factor * factor) }),
    },
  },
]
