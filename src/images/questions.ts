import type { Value } from '../../reference/evaluator.ts'
import { float32 } from '../../reference/float32/index.ts'
import { splitHeads } from '../../reference/layers/attention.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../../reference/tensor.ts'
import { arithmeticNamed } from '../arithmetics/index.ts'
import { sample } from '../catalogue/sample.ts'
import type { Config } from '../catalogue/schema.ts'
import { findEquation } from '../cases/names.ts'
import type { Question } from '../cases/question.ts'
import { random, type Random } from '../random.ts'
import { GRID, type Embedded } from './embed.ts'

/** DeiT-S: C = 384, six heads, a feed-forward four times as wide. */
const sizes = { C: 384, rC: 4 * 384 }
const heads = 6
/** STViT's 6 × 6 semantic tokens of a 14 × 14 map; DeiT's kernels are 3 × 3 and 1 × 1. */
const WINDOWS = 6
const kernels = { kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 }
/** Sparsifiner's n_down = ⌊197/6⌋ and its thresholds. */
const BASIS = 32
const connectivity = { keep_rate: 0.25, basis_threshold: 0.01 }
const CLASSES = 1000

const reference = arithmeticNamed('float32')

/**
 * Questions of all eighteen equations at DeiT-S size, made of a photograph's tokens: each is asked about what the ones
 * before it answered in the reference. Weights are drawn from `seed`, norms and biases are there, LayerScale is not.
 *
 * STViT gets the 196 image tokens, as a 14 × 14 map where it wants a map; Sparsifiner all 197.
 */
export function* imageQuestions(
  { tokens, tokensWithClass }: Embedded,
  seed: number | string,
): Generator<Question> {
  const ask = asker(seed)
  const map = tensor(tokens.data, [GRID, GRID, sizes.C])

  const pooling = ask('stvit/eq5', { X: map }, { ws: WINDOWS }, { H: GRID, W: GRID, ...kernels })
  const P = answer(pooling, 'P')
  const Ns = WINDOWS * WINDOWS
  const initial = ask('stvit/eq1', { P, X: tokens }, { heads }, { Ns, Ni: GRID * GRID })
  const S1 = answer(initial, 'S')
  const global = ask('stvit/eq2', { S1, X: tokens }, { heads }, { Ns, Ni: GRID * GRID })
  const window = tensor(answer(pooling, 'windows').data.subarray(0, 9 * sizes.C), [3, 3, sizes.C])
  yield initial
  yield global
  yield ask('stvit/eq3', { S1, X: tokens }, { heads }, { Ns, Ni: GRID * GRID })
  yield ask('stvit/eq4', { X_w: window }, {}, { kh: 3, kw: 3, kd: 3, kc: 1 })
  yield pooling
  yield ask('stvit/eq6', { X: tokens, S: answer(global, 'S') }, { heads }, { Nx: GRID * GRID, Ns })
  yield* sparsifinerQuestions(ask, tokensWithClass, random(seed).fork('projections'))
}

function* sparsifinerQuestions(ask: Asker, tokens: Tensor, source: Random): Generator<Question> {
  const [Q, K, V] = ['q', 'k', 'v'].map((name) => headsOf(tokens, source.fork(name)))
  const [h, n, d] = Q.shape
  const extents = { n, d, m: BASIS }

  const lowRank = ask('sparsifiner/eq1', { Q, K }, {}, extents, [h])
  const coefficients = ask('sparsifiner/eq2', { A_down: answer(lowRank, 'A_down') }, {}, extents, [h])
  const A_tilde = answer(coefficients, 'A_tilde')
  const mask = ask('sparsifiner/eq3', { A_tilde }, connectivity, extents, [h])
  const M = valueOf(mask, 'M')
  const everywhere: Value = {
    kind: 'mask',
    mask: { shape: [h, n, n], data: new Uint8Array(h * n * n).fill(1) },
  }
  const A = answer(ask('sparsifiner/eq4', { Q, K, M: everywhere }, {}, extents, [h]), 'A_sparse')
  const masked = ask('sparsifiner/eq4', { Q, K, M }, { normalize: 'masked' }, extents, [h])
  const values = ask('sparsifiner/eq6', { A_sparse: answer(masked, 'A_sparse'), V }, {}, extents, [h])
  yield lowRank
  yield coefficients
  yield mask
  yield ask('sparsifiner/eq4', { Q, K, M }, { normalize: 'full' }, extents, [h])
  yield masked
  yield ask('sparsifiner/eq5', { M, A }, {}, extents, [h])
  yield values

  const logits = logitsOf(tokens, source.fork('head'))
  const rows = { B: n, k: CLASSES }
  const losses = [
    ask('sparsifiner/eq7', { logits, target: oneHot(logits.shape, source.fork('labels')) }, {}, rows),
    ask('sparsifiner/eq8', { x: answer(values, 'X_next'), x_teach: V }, {}, {}, V.shape),
    ask('sparsifiner/eq9', { logits, logits_teach: logitsOf(tokens, source.fork('teacher')) }, {}, rows),
    ask('sparsifiner/eq10', { A_tilde, A_teach: A }, {}, extents, [h]),
    ask('sparsifiner/eq11', {}, {}, { n, m: BASIS }),
  ]
  yield* losses
  const [L_cls, L_token, L_kl, L_attn, L_spa] = losses.map((loss) => answer(loss, 'loss'))
  const phase2 = { lambda_token: 0.5, lambda_cls: 0.5 }
  yield ask('sparsifiner/eq12', { L_cls, L_token, L_kl, L_attn, L_spa }, phase2, {})
}

type Asker = (
  id: string,
  inputs: Readonly<Record<string, Tensor | Value>>,
  config: Config,
  extents: Readonly<Record<string, number>>,
  lead?: Shape,
) => Question

function asker(seed: number | string): Asker {
  return (id, inputs, config, extents, lead = []) => {
    const equation = findEquation(id)
    const tensors = new Map<string, Value>()
    for (const [name, x] of Object.entries(inputs)) {
      tensors.set(`input.${name}`, 'kind' in x ? x : { kind: 'dense', tensor: x })
    }
    const used = Object.values({ ...equation.inputs, ...equation.params }).flatMap(({ dims }) => dims)
    const wanted = Object.entries({ ...sizes, ...extents }).filter(([symbol]) => used.includes(symbol))
    const has = (name: string): boolean => !name.startsWith('param.layer_scale')
    return sample(equation, seed, { config, lead, tensors, has, sizes: Object.fromEntries(wanted) })
  }
}

function valueOf(question: Question, name: string): Value {
  const value = reference.answer(question).get(name)
  if (value === undefined) throw new TypeError(`${question.equation.id} exposes no ${name}`)
  return value
}

function answer(question: Question, name: string): Tensor {
  const value = valueOf(question, name)
  if (value.kind !== 'dense') throw new TypeError(`${name} of ${question.equation.id} is a mask`)
  return value.tensor
}

/** LayerNorm without weights, a drawn projection, and the split into heads: `[n, C]` → `[h, n, d]`. */
function headsOf(tokens: Tensor, source: Random): Tensor {
  return splitHeads(float32().rules, projected(tokens, sizes.C, source), heads)
}

function logitsOf(tokens: Tensor, source: Random): Tensor {
  return projected(tokens, CLASSES, source)
}

function projected(tokens: Tensor, out: number, source: Random): Tensor {
  const { rules } = float32()
  const C = tokens.shape.at(-1) ?? 1
  const constant = (value: number): Tensor => tensor(new Float32Array(C).fill(value), [C])
  const weight = Float32Array.from({ length: out * C }, () => source.normal() / Math.sqrt(C))
  return rules.linear(rules.layerNorm(tokens, constant(1), constant(0), 1e-6), tensor(weight, [out, C]))
}

function oneHot(shape: Shape, source: Random): Tensor {
  const data = new Float32Array(sizeOf(shape))
  const classes = shape.at(-1) ?? 1
  for (let start = 0; start < data.length; start += classes) data[start + source.integer(0, classes - 1)] = 1
  return tensor(data, shape)
}
