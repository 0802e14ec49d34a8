import { crossLayers, idsOf, layers } from './attending.ts'
import { oneOf, permutation } from './draw.ts'
import type { Lab } from './lab.ts'
import type { Law, Trial } from './law.ts'
import { agree, exact } from './measured.ts'
import { mapRows, normWith, total } from './mutants.ts'
import { tensorOf, withEach } from './questions.ts'
import { constant, mapped, quantised } from './rearrange.ts'

/** Laws of the norms in front of attention and masks. */
export const normLaws: readonly Law[] = [
  {
    id: 'shifting-all-channels-passes-the-norm-by',
    statement:
      'With norm1, adding a constant to all channels of the keys changes neither norm_kv nor the attention’s output.',
    source: 'algebra: LayerNorm subtracts the mean over the channels',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id, keys, hat }, source] = oneOf(layers, trial)
      const question = withEach(lab.sample(id, trial, { has: () => true }), [keys], quantised)
      const by = source.pick([1, -2, 4])
      const shifted = withEach(question, [keys], (x) => mapped(x, (value) => value + by))
      const [before, after] = [lab.answer(question), lab.answer(shifted)]
      for (const name of ['norm_kv', hat])
        agree(`${name} of shifted keys`, after.dense(name), before.dense(name))
    },
    mutant: {
      name: 'RMSNorm: the mean is not subtracted',
      plant: () => ({
        layerNorm: (x, weight, bias, eps) =>
          mapRows(x, (row) => {
            const rms = Math.sqrt(total(row.map((value) => value * value)) / row.length + eps)
            return row.map((value, i) => (value / rms) * weight.data[i] + bias.data[i])
          }),
      }),
    },
  },
  {
    id: 'balanced-tokens-normalise-to-one',
    statement:
      'A token of which half the channels are a and half −a normalises to ±1 with ε = 0, γ = 1 and β = 0.',
    source: 'contract, conventions: LayerNorm has the biased variance, here a²',
    equations: idsOf(crossLayers),
    holds: (lab, trial) => balanced(lab, trial, (a) => ({ a, eps: 0, factor: 0 })),
    mutant: {
      name: 'unbiased variance: divided by C − 1',
      plant: () => ({
        layerNorm: (x, w, b, eps) => normWith(x, w, b, (sum, n) => Math.sqrt(sum / (n - 1) + eps)),
      }),
    },
  },
  {
    id: 'epsilon-adds-to-the-variance',
    statement: 'A token of which half the channels are a and half −a normalises to ±1/2 with ε = 3a².',
    source: 'contract, conventions: (x − μ)/√(σ² + ε), ε from the config',
    equations: idsOf(crossLayers),
    holds: (lab, trial) => balanced(lab, trial, (a) => ({ a, eps: 3 * a * a, factor: 3 })),
    mutant: {
      name: 'ε added outside the root',
      plant: () => ({ layerNorm: (x, w, b, eps) => normWith(x, w, b, (sum, n) => Math.sqrt(sum / n) + eps) }),
    },
  },
  {
    id: 'default-epsilon-is-one-millionth',
    statement: 'Where the config has no ε, a token of ±2⁻¹⁰ normalises to ±1/√(1 + 10⁻⁶·2²⁰).',
    source: 'contract, conventions: ε comes from the config key `eps`, default 1e-6',
    equations: idsOf(crossLayers),
    holds: (lab, trial) =>
      balanced(lab, trial, () => ({ a: 2 ** -10, eps: undefined, factor: 1e-6 * 2 ** 20 })),
    mutant: {
      name: 'ε never below 10⁻⁵, the default of other libraries',
      plant: (rules) => ({ layerNorm: (x, w, b, eps) => rules.layerNorm(x, w, b, Math.max(eps, 1e-5)) }),
    },
  },
  {
    id: 'constant-tokens-normalise-to-the-bias',
    statement:
      'A token with the same value in all channels normalises to β, ε keeping its variance of 0 from dividing.',
    source: 'contract, conventions: (x − μ)/√(σ² + ε)·γ + β',
    equations: idsOf(crossLayers),
    holds(lab, trial) {
      const [{ id, queries }] = oneOf(crossLayers, trial)
      const question = lab.sample(id, trial, { has: () => true })
      const C = question.sizes['C']
      const flat = withEach(question, [queries], (x) => mapped(x, (_, i) => x.data[i - (i % C)]))
      const norm_q = lab.answer(flat).dense('norm_q')
      const bias = tensorOf(question, 'param.norm1.bias')
      agree('norm_q of flat tokens', norm_q, exact(mapped(norm_q.tensor, (_, i) => bias.data[i % C])))
    },
    mutant: {
      name: 'ε missing from the norm',
      plant: () => ({ layerNorm: (x, w, b) => normWith(x, w, b, (sum, n) => Math.sqrt(sum / n)) }),
    },
  },
]

/** Tokens of ±a in equal number, ε = factor·a², given or by default: they must normalise to ±1/√(1 + factor). */
function balanced(
  lab: Lab,
  trial: Trial,
  choose: (a: number) => { a: number; eps: number | undefined; factor: number },
): void {
  const [{ id, queries }, source] = oneOf(crossLayers, trial)
  const C = source.pick([2, 4, 6])
  const { a, eps, factor } = choose(2 ** source.integer(-3, 3))
  const config = eps === undefined ? { heads: 1 } : { heads: 1, eps }
  const drawn = lab.sample(id, trial, { config, sizes: { C }, has: () => true })
  const plain = withEach(drawn, ['param.norm1.weight', 'param.norm1.bias'], (x, name) =>
    constant(x.shape, name.endsWith('weight') ? 1 : 0),
  )
  const signs = permutation(source, C).map((i) => (i < C / 2 ? 1 : -1))
  const question = withEach(plain, [queries], (x) => mapped(x, (_, i) => a * signs[i % C]))
  const norm_q = lab.answer(question).dense('norm_q')
  const expected = mapped(norm_q.tensor, (_, i) => signs[i % C] / Math.sqrt(1 + factor))
  agree('norm_q of balanced tokens', norm_q, exact(expected))
}
