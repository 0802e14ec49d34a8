import type { Arithmetic, Kinds } from '../../../reference/arithmetic.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { relu, transposed, zeroedColumns, zeros } from './bugs.ts'
import { CROSS, LAYERS, ONE } from './groups.ts'
import { changed, config, exchanged, nth, operands, rule, text, without, type Mutant } from './mutant.ts'

const SHIFT =
  'a key bias adds q·b_k to every logit of a row alike, and softmax is unchanged by a constant added to a row'
const KEYS_PERMUTED =
  'keys and values move together, and A·v does not depend on the order in which keys are summed'

/** `[.., h, N, d]` of which head j holds channels j, j + h, j + 2h, … in place of a contiguous run. */
function strided<K extends Kinds>(a: Arithmetic<K>, x: K['Dense']): K['Dense'] {
  const shape = a.shape(x)
  const [h, N, d] = shape.slice(-3)
  const lead = shape.slice(0, -3)
  const tokens = a.reshape(a.swapAxes(x, -3, -2), [...lead, N, d, h])
  return a.swapAxes(a.swapAxes(tokens, -1, -2), -3, -2)
}

/** Which `add` joins the attention's residual: Eq. (2) adds G first. */
const attentionAdd = (id: string): number => (id === 'stvit/eq2' ? 1 : 0)

/** Bugs of the transformer layers, Eqs. (1), (2), (6) of STViT, and of the split attention, Eq. (3). */
export const layerMutants: readonly Mutant[] = [
  rule(
    'no-attention-residual',
    'gross',
    LAYERS,
    'the residual is not added to the attention.',
    ({ add }, { equation }) => ({ add: nth(add, attentionAdd(equation.id), (x) => x) }),
  ),
  rule(
    'no-ffn-residual',
    'gross',
    LAYERS,
    'the residual is not added to the FFN.',
    ({ add }, { equation }) => ({ add: nth(add, attentionAdd(equation.id) + 1, (x) => x) }),
  ),
  rule(
    'ffn-residual-of-input',
    'gross',
    LAYERS,
    'the FFN’s residual is the layer’s input, not what attention made of it.',
    ({ add }, { equation }) => {
      const first = attentionAdd(equation.id)
      let input: Tensor | undefined
      let calls = 0
      return {
        add(x, y) {
          const call = calls++
          if (call === first) input = y
          return call === first + 1 && input !== undefined ? add(x, input) : add(x, y)
        },
      }
    },
  ),
  rule(
    'residual-twice',
    'gross',
    LAYERS,
    'the attention’s residual is added twice.',
    ({ add }, { equation }) => ({
      add: nth(add, attentionAdd(equation.id), (x, y) => add(add(x, y), y)),
    }),
  ),
  config(
    'other-residual',
    'gross',
    ONE.layer2,
    'the residual is the query where it should be S¹, or the other way round.',
    ({ residual }) => ({ residual: residual === 'S1' ? 'S1+G' : 'S1' }),
  ),
  text(
    'strided-heads',
    'gross',
    CROSS,
    'channels are dealt to heads in turn, not in contiguous groups, for q, k and v.',
    (a) => ({
      expose: (name, x) =>
        ['q', 'k', 'v', 'q_s', 'q_g'].includes(name) ? a.expose(name, strided(a, x)) : a.expose(name, x),
    }),
  ),
  text(
    'strided-queries',
    'gross',
    CROSS,
    'channels of the queries alone are dealt to heads in turn.',
    (a) => ({
      expose: (name, x) =>
        ['q', 'q_s', 'q_g'].includes(name) ? a.expose(name, strided(a, x)) : a.expose(name, x),
    }),
  ),
  rule(
    'heads-not-moved-back',
    'gross',
    LAYERS,
    'heads are concatenated without swapping tokens and heads back.',
    ({ swapAxes }) => ({
      // q, k and v are split first: the fourth move is the one back
      swapAxes: nth(swapAxes, 3, (x) => x),
    }),
  ),
  rule('values-are-keys', 'gross', LAYERS, 'the keys are used as values.', ({ matmul, matmulTransposed }) => {
    let keys: Tensor | undefined
    return {
      matmulTransposed(x, y) {
        keys = y
        return matmulTransposed(x, y)
      },
      matmul: (x, y) => matmul(x, keys ?? y),
    }
  }),
  operands('q-and-k-swapped', 'gross', CROSS, 'the query and key projections are swapped.', (tensors) => {
    exchanged('param.attn.q.weight', 'param.attn.k.weight')(tensors)
    exchanged('param.attn.q.bias', 'param.attn.k.bias')(tensors)
  }),
  ...(['q', 'k', 'v', 'proj'] as const).map((name) =>
    operands(
      `${name}-weight-transposed`,
      'gross',
      name === 'q' || name === 'k' ? CROSS : LAYERS,
      `the weight of the ${name} projection is used as [in, out].`,
      (tensors) => changed(tensors, (tensor) => tensor === `param.attn.${name}.weight`, transposed),
    ),
  ),
  ...(['attn.q', 'attn.v', 'attn.proj', 'ffn.fc1', 'ffn.fc2'] as const).map((name) =>
    operands(
      `no-${name.replace(/.*\./, '')}-bias`,
      'gross',
      name === 'attn.q' ? CROSS : LAYERS,
      `the bias of ${name} is left out.`,
      without(`${name}.bias`),
    ),
  ),
  operands('no-k-bias', 'medium', CROSS, 'the bias of attn.k is left out.', without('attn.k.bias'), {
    equivalent: Object.fromEntries(LAYERS.map((id) => [id, SHIFT])),
  }),
  ...(['norm1', 'norm2'] as const).map((name) =>
    operands(`no-${name}`, 'gross', LAYERS, `${name} is left out.`, (tensors) => {
      without(`${name}.weight`)(tensors)
      without(`${name}.bias`)(tensors)
    }),
  ),
  rule(
    'norm1-of-queries-only',
    'gross',
    LAYERS,
    'keys and values are not normalised.',
    ({ layerNorm }, { tensors }) =>
      tensors.has('param.norm1.weight') ? { layerNorm: nth(layerNorm, 1, (x) => x) } : {},
  ),
  ...(['layer_scale_1', 'layer_scale_2'] as const).map((name) =>
    operands(`no-${name}`, 'gross', LAYERS, `${name} is left out.`, without(name)),
  ),
  operands(
    'layer-scales-swapped',
    'gross',
    LAYERS,
    'the two LayerScales are swapped.',
    exchanged('param.layer_scale_1', 'param.layer_scale_2'),
  ),
  rule(
    'layer-scale-after-residual',
    'gross',
    LAYERS,
    'LayerScale of the attention multiplies the sum with the residual.',
    ({ add, multiply }, { equation, tensors }) => {
      if (!tensors.has('param.layer_scale_1')) return {}
      let gamma: Tensor | undefined
      return {
        multiply: nth(multiply, 0, (x, y) => {
          gamma = y
          return x
        }),
        add: nth(add, attentionAdd(equation.id), (x, y) =>
          gamma === undefined ? add(x, y) : multiply(add(x, y), gamma),
        ),
      }
    },
  ),
  rule('relu', 'gross', LAYERS, 'ReLU in place of GELU.', () => ({ gelu: relu })),
  rule('no-activation', 'gross', LAYERS, 'no GELU between fc1 and fc2.', () => ({ gelu: (x) => x })),
  rule(
    'concat-order',
    'gross',
    ['stvit/eq2', 'stvit/eq3'],
    'X stands before S¹ in the concatenation.',
    ({ concat }) => ({ concat: (xs, axis) => concat([...xs].toReversed(), axis) }),
    { equivalent: { 'stvit/eq2': KEYS_PERMUTED } },
  ),
  rule(
    'values-in-other-order',
    'gross',
    ONE.layer2,
    'the values are of Concat(X, S¹), the keys of Concat(S¹, X).',
    ({ matmul, concat, slice }, { sizes }) => ({
      matmul(x, y) {
        const end = sizes['Ns'] + sizes['Ni']
        return matmul(x, concat([slice(y, -2, sizes['Ns'], end), slice(y, -2, 0, sizes['Ns'])], -2))
      },
    }),
  ),
  operands(
    'no-global-centres',
    'gross',
    ['stvit/eq2', 'stvit/eq3'],
    'the global centres G are not used.',
    (tensors) => changed(tensors, (name) => name === 'param.G', zeros),
  ),
  rule(
    'centres-subtracted',
    'gross',
    ONE.layer2,
    'G is subtracted from the queries.',
    ({ add, subtract }) => ({ add: nth(add, 0, subtract) }),
  ),
  rule(
    'keys-of-image-only',
    'gross',
    ONE.layer2,
    'S¹ is not among the values that count: its weights are set to 0 after the softmax.',
    ({ softmax }, { sizes }) => ({
      softmax: (x) => zeroedColumns(softmax(x), (column) => column < sizes['Ns']),
    }),
  ),
  rule(
    'query-bias-twice',
    'medium',
    ONE.split,
    'the query bias enters A_g as well as A_s.',
    ({ linear }, { tensors }) => ({
      linear: nth(linear, 1, (x, weight) => {
        const bias = tensors.get('param.attn.q.bias')
        return linear(x, weight, bias?.kind === 'dense' ? bias.tensor : undefined)
      }),
    }),
  ),
  rule('A_g-not-scaled', 'gross', ONE.split, 'A_g does not carry 1/√d.', ({ scale }) => ({
    scale: nth(scale, 1, (x) => x),
  })),
  rule('A_g-not-added', 'gross', ONE.split, 'the softmax is of A_s alone.', ({ add }) => ({
    add: nth(add, 0, (x) => x),
  })),
  rule('A_s-not-added', 'gross', ONE.split, 'the softmax is of A_g alone.', ({ add, scale }) => ({
    add: nth(add, 0, (x, y) => add(scale(x, 0), y)),
  })),
  rule('A_g-twice', 'medium', ONE.split, 'A_g is added twice.', ({ add }) => ({
    add: nth(add, 0, (x, y) => add(add(x, y), y)),
  })),
]
