import type { Arithmetic, Kinds } from '../../reference/arithmetic.ts'
import { attend } from '../../reference/layers/attention.ts'
import type { Linear } from '../../reference/layers/parameters.ts'
import type { Tensor } from '../../reference/tensor.ts'
import type { Question } from '../cases/question.ts'
import { random } from '../random.ts'
import { permutation } from './draw.ts'
import type { Answer, Lab } from './lab.ts'
import type { Law } from './law.ts'
import { agree, identical, measuredLike, plus, times, type Measured } from './measured.ts'
import { choosing, columnsOf, inBfloat16, productInFloat32 } from './mutants.ts'
import { ask, changed, tensorOf, valuesOf, withEach } from './questions.ts'
import { filled, mapped, maskWhere, range, take, takeMask } from './rearrange.ts'
import { oneChannelShort } from './sparse-attention.ts'

const ATTENTION = ['sparsifiner/attention']
const LINFORMER = ['sparsifiner/linformer']
const PHASES = ['sparsifiner/phase1', 'sparsifiner/phase2']

/** Nothing is dropped: coefficients above −1, positive scores, a budget beyond any n. */
const EVERYTHING = { tau: -1, budget: 1e6 }

/** Laws of what stands around Sparsifiner's equations: its attention module, Linformer, and the training objectives. */
export const sparsifinerSurroundingLaws: readonly Law[] = [
  {
    id: 'with-everything-kept-the-module-is-multi-head-attention',
    statement:
      'Where nothing is dropped, the attention module is plain multi-head attention on the same projections, in both forms of Eq. (4).',
    source: 'Sparsifiner §3: the sparse attention approximates full attention, of which it keeps a part',
    equations: ATTENTION,
    holds(lab, trial) {
      const drawn = lab.sample('sparsifiner/attention', trial, { config: EVERYTHING })
      const question = withEach(drawn, ['param.W_up'], (w) => mapped(w, (value) => Math.abs(value) + 0.01))
      for (const normalize of ['full', 'masked']) {
        const attn = lab.answer(changed(question, {}, { normalize })).dense('attn')
        agree(`attn, ${normalize}, and dense attention`, attn, denseAttention(lab, question))
      }
    },
    mutant: oneChannelShort,
  },
  {
    id: 'a-dense-class-row-changes-the-class-token-alone',
    statement:
      'With class_row "dense" all other queries get the same masks and outputs, bit for bit, and the class token what plain attention gives it.',
    source: 'official, B7: the class query is dropped before the softmax of Eq. (1) and has a row of ones',
    equations: ATTENTION,
    holds(lab, trial) {
      const n = random(trial.seed).fork('tokens').integer(2, 9)
      const question = lab.sample('sparsifiner/attention', trial, { sizes: { n } })
      const [sparse, dense] = ['sparse', 'dense'].map((class_row) =>
        lab.answer(changed(question, {}, { class_row })),
      )
      const others = range(n).slice(1)
      identical('eq3.M', dense.mask('eq3.M'), takeMask(sparse.mask('eq3.M'), -2, others))
      for (const name of ['eq2.A_tilde', 'eq4.A_sparse', 'eq6.X_next']) {
        identical(name, dense.tensor(name), take(sparse.tensor(name), -2, others))
      }
      const attn = dense.dense('attn')
      identical('attn', take(attn.tensor, -2, others), take(sparse.tensor('attn'), -2, others))
      const first = (x: Tensor): Tensor => take(x, -2, [0])
      agree('attn of token 0', measuredLike(attn, first), measuredLike(denseAttention(lab, question), first))
    },
    mutant: {
      name: 'the class token put after the others',
      plant: (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
    },
  },
  {
    id: 'every-head-is-the-single-head-equations',
    statement:
      'On the heads’ q, k and v, Eqs. (1), (2), (3), (4) and (6) one after another give what the attention module names after them, bit for bit.',
    source: 'contract: leading dimensions of Q, K, V are batch and heads; one head is the paper’s text',
    equations: ATTENTION,
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/attention', trial, { config: { class_row: 'sparse' } })
      const { tau, scale, budget, basis_threshold, normalize } = question.config
      const scaled = scale === undefined ? {} : { scale }
      const [W_down, W_up] = ['W_down', 'W_up'].map((name) => tensorOf(question, `param.${name}`))
      const whole = lab.answer(question)
      const [Q, K, V] = ['q', 'k', 'v'].map((name) => whole.tensor(name))

      const step = (id: string, tensors: Parameters<typeof valuesOf>[0], config = {}): Answer =>
        lab.answer(ask(`sparsifiner/${id}`, valuesOf(tensors), config))
      const A_down = step('eq1', { 'input.Q': Q, 'input.K': K, 'param.W_down': W_down }, scaled).tensor(
        'A_down',
      )
      const A_tilde = step('eq2', { 'input.A_down': A_down }, { tau }).tensor('A_tilde')
      const kept = basis_threshold === undefined ? { budget } : { budget, basis_threshold }
      const M = step('eq3', { 'input.A_tilde': A_tilde, 'param.W_up': W_up }, kept).mask('M')
      const places = { 'input.Q': Q, 'input.K': K, 'input.M': M }
      const A_sparse = step('eq4', places, { ...scaled, normalize }).tensor('A_sparse')
      const X_next = step('eq6', { 'input.A_sparse': A_sparse, 'input.V': V }).tensor('X_next')

      identical('A_down', whole.tensor('eq1.A_down'), A_down)
      identical('A_tilde', whole.tensor('eq2.A_tilde'), A_tilde)
      identical('M', whole.mask('eq3.M'), M)
      identical('A_sparse', whole.tensor('eq4.A_sparse'), A_sparse)
      identical('X_next', whole.tensor('eq6.X_next'), X_next)
    },
    mutant: {
      name: 'coefficients and attention handed on in bfloat16',
      plant: (rules) => ({ expand: (x) => inBfloat16(rules.expand(x)) }),
    },
  },
  {
    id: 'tokens-permuted-with-the-bases-permute-the-module',
    statement:
      'Permuting the tokens and with them the columns of W_down and W_up permutes the outputs of the attention module.',
    source: 'algebra: where no scores tie, no equation of the paper knows the order of the tokens',
    equations: ATTENTION,
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/attention', trial, { config: { class_row: 'sparse' } })
      const order = permutation(random(trial.seed).fork('order'), question.sizes['n'])
      const moved = withEach(question, ['input.X', 'param.W_down', 'param.W_up'], (x, name) =>
        take(x, name === 'input.X' ? -2 : -1, order),
      )
      const before = measuredLike(lab.answer(question).dense('attn'), (x) => take(x, -2, order))
      agree('attn of permuted tokens', lab.answer(moved).dense('attn'), before)
    },
    mutant: {
      name: 'the first columns kept, whatever their scores',
      plant: () => ({ topK: choosing((row, budget) => columnsOf(row, (i, j) => i - j).slice(0, budget)) }),
    },
  },
  {
    id: 'linformer-on-the-identity-is-dense-attention',
    statement:
      'With m = n and E = F = 1, the identity, Linformer is softmax(QKᵀ·scale)V, bit for bit, whether F is given or E serves for it.',
    source: 'algebra: then E K = K and F V = V exactly',
    equations: LINFORMER,
    holds(lab, trial) {
      const n = random(trial.seed).fork('tokens').integer(1, 9)
      const drawn = lab.sample('sparsifiner/linformer', trial, { sizes: { n, m: n }, has: () => true })
      const identity = filled([n, n], (i) => Number(Math.floor(i / n) === i % n))
      const question = changed(drawn, { 'param.E': identity, 'param.F': identity })
      const shared = ask('sparsifiner/linformer', withoutF(question), question.asked)

      const [Q, K, V] = ['Q', 'K', 'V'].map((name) => tensorOf(question, `input.${name}`))
      const M = maskWhere([...question.lead, n, n], () => true)
      const places = valuesOf({ 'input.Q': Q, 'input.K': K, 'input.M': M })
      const A_sparse = lab.answer(ask('sparsifiner/eq4', places, question.asked)).tensor('A_sparse')
      const values = valuesOf({ 'input.A_sparse': A_sparse, 'input.V': V })
      const X_next = lab.answer(ask('sparsifiner/eq6', values, {})).tensor('X_next')
      identical('X_next with F', lab.answer(question).tensor('X_next'), X_next)
      identical('X_next without F', lab.answer(shared).tensor('X_next'), X_next)
    },
    mutant: {
      name: 'dense products summed in float32',
      plant: () => ({ matmul: productInFloat32 }),
    },
  },
  {
    id: 'one-mixture-leaves-nothing-to-attend-to',
    statement: 'With m = 1 every token’s output of Linformer is the one mixture of the values, bit for bit.',
    source: 'algebra: softmax of one logit is 1',
    equations: LINFORMER,
    holds(lab, trial) {
      const answer = lab.answer(lab.sample('sparsifiner/linformer', trial, { sizes: { m: 1 } }))
      const X_next = answer.tensor('X_next')
      const everywhere = range(X_next.shape.at(-2) ?? 1).map(() => 0)
      identical('X_next and V_down', X_next, take(answer.tensor('V_down'), -2, everywhere))
    },
    mutant: {
      name: 'a small number added to the denominator of the softmax',
      plant: (rules) => ({ softmax: (x) => rules.scale(rules.softmax(x), 1 / (1 + 1e-6)) }),
    },
  },
  {
    id: 'linformer-does-not-know-the-order-of-its-keys',
    statement:
      'Permuting keys and values and with them the columns of E and F changes nothing in the output of Linformer.',
    source: 'algebra: E K and F V are sums over tokens',
    equations: LINFORMER,
    holds(lab, trial) {
      const question = lab.sample('sparsifiner/linformer', trial)
      const order = permutation(random(trial.seed).fork('order'), question.sizes['n'])
      const moved = withEach(question, ['input.K', 'input.V', 'param.E', 'param.F'], (x, name) =>
        take(x, name.startsWith('input.') ? -2 : -1, order),
      )
      agree('X_next', lab.answer(moved).dense('X_next'), lab.answer(question).dense('X_next'))
    },
    mutant: {
      name: 'a basis read one column off',
      plant: (rules) => ({
        matmul(x, y) {
          const columns = range(x.shape.at(-1) ?? 1)
          return rules.matmul(x.shape.length > 2 ? x : take(x, -1, [...columns.slice(1), 0]), y)
        },
      }),
    },
  },
  {
    id: 'the-objective-of-a-phase-is-its-weighted-terms',
    statement:
      'The loss of phase 1 is L_cls + L_attn, that of phase 2 is L_cls + (L_token + L_kl)/2, of the terms in the same answer.',
    source: 'Sparsifiner Eq. (12) and contract, Sparsifiner 12: the λ of the two phases',
    equations: PHASES,
    holds(lab, trial) {
      const [first, second] = PHASES.map((id) => lab.answer(lab.sample(id, trial)))
      agree('loss of phase 1', first.dense('loss'), plus(first.dense('L_cls'), first.dense('L_attn')))
      const half = times(plus(second.dense('L_token'), second.dense('L_kl')), 0.5)
      agree('loss of phase 2', second.dense('loss'), plus(second.dense('L_cls'), half))
    },
    mutant: {
      name: 'every λ of the objective 1',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(x, factor === -1 ? -1 : 1) }),
    },
  },
  {
    id: 'what-a-phase-does-not-weigh-does-not-move-its-loss',
    statement:
      'Other tokens and teacher’s logits leave the loss of phase 1 as it is, another attention of the teacher that of phase 2, bit for bit.',
    source: 'contract, Sparsifiner 12: λ_token = λ_cls = 0 in phase 1, λ_attn = 0 in phase 2',
    equations: PHASES,
    holds(lab, trial) {
      const unweighed = [['input.x', 'input.x_teach', 'input.logits_teach'], ['input.A_teach']]
      for (const [i, id] of PHASES.entries()) {
        const question = lab.sample(id, trial)
        const other = withEach(question, unweighed[i], (x) => mapped(x, (value, at) => value / 2 + (at % 3)))
        identical(`loss of ${id}`, lab.answer(other).tensor('loss'), lab.answer(question).tensor('loss'))
      }
    },
    mutant: {
      name: 'a λ of 0 taken for a small one',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(x, factor || 1e-3) }),
    },
  },
  {
    id: 'samples-in-another-order-give-the-same-objective',
    statement:
      'Permuting the samples of logits, targets and tokens, the teacher’s with them, changes no term of the objectives.',
    source: 'contract, Sparsifiner 7 to 9: means over samples',
    equations: PHASES,
    holds(lab, trial) {
      for (const id of PHASES) {
        const question = lab.sample(id, trial)
        const order = permutation(random(trial.seed).fork('order'), question.sizes['B'])
        const names = ['logits', 'target', 'x', 'x_teach', 'logits_teach'].map((name) => `input.${name}`)
        const before = lab.answer(question)
        const after = lab.answer(withEach(question, names, (x) => take(x, 0, order)))
        for (const name of ['L_cls', 'L_token', 'L_kl', 'loss']) {
          agree(`${id} ${name}`, after.dense(name), before.dense(name))
        }
      }
    },
    mutant: {
      name: 'the first sample counted twice, the last not at all',
      plant: (rules) => ({
        mean(x, over) {
          const rows = range(x.shape[0] ?? 1)
          return rules.mean(x.shape.length === 1 ? take(x, 0, [0, ...rows.slice(0, -1)]) : x, over)
        },
      }),
    },
  },
]

/** The question's tensors but for F. */
function withoutF({ tensors }: Question): Parameters<typeof ask>[1] {
  return Object.fromEntries([...tensors].filter(([name]) => name !== 'param.F'))
}

/** Plain multi-head attention of the module's tokens among themselves, with its projections. */
function denseAttention(lab: Lab, question: Question): Measured {
  const { heads } = question.config
  return lab.compute(<K extends Kinds>(a: Arithmetic<K>, dense: (x: Tensor) => K['Dense']) => {
    const linear = (name: string): Linear<K> => {
      const bias = `param.attn.${name}.bias`
      return {
        weight: dense(tensorOf(question, `param.attn.${name}.weight`)),
        bias: question.tensors.has(bias) ? dense(tensorOf(question, bias)) : undefined,
      }
    }
    const attn = { q: linear('q'), k: linear('k'), v: linear('v'), proj: linear('proj') }
    const none = { weight: attn.q.weight }
    const X = dense(tensorOf(question, 'input.X'))
    return attend(a, X, X, { attn, ffn: { fc1: none, fc2: none } }, { heads: Number(heads), eps: 0 })
  })
}
