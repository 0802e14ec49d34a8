import { crossLayers, idsOf, layers } from './attending.ts'
import { oneOf, permutation } from './draw.ts'
import type { Law } from './law.ts'
import { agree, exact, identical, measuredLike } from './measured.ts'
import { mapRows, powers, total } from './mutants.ts'
import { changed, tensorOf, withEach } from './questions.ts'
import { constant, mapped, range, reshaped, take } from './rearrange.ts'

/** Laws of the attention inside STViT Eqs. (1), (2), (3) and (6). */
export const crossAttentionLaws: readonly Law[] = [
  {
    id: 'permuting-queries-permutes-outputs',
    statement: 'Permuting the queries of Eqs. (1) and (6) permutes their outputs, bit for bit.',
    source: 'STViT Eqs. (1), (6): attention, residual and FFN treat every query by itself',
    equations: idsOf(crossLayers),
    holds(lab, trial) {
      const [{ id, queries, hat, out }, source] = oneOf(crossLayers, trial)
      const question = lab.sample(id, trial)
      const x = tensorOf(question, queries)
      const order = permutation(source, x.shape[x.shape.length - 2])
      const answer = lab.answer(question)
      const permuted = lab.answer(changed(question, { [queries]: take(x, -2, order) }))
      for (const name of [hat, out]) {
        identical(`${name} of permuted queries`, permuted.tensor(name), take(answer.tensor(name), -2, order))
      }
    },
    mutant: {
      name: 'a causal mask left in the softmax',
      plant: (rules) => ({
        softmax(x) {
          const queries = x.shape[x.shape.length - 2]
          return rules.softmax(
            mapRows(x, (row, index) => row.map((z, key) => (key > index % queries ? -1e9 : z))),
          )
        },
      }),
    },
  },
  {
    id: 'permuting-keys-with-values-changes-nothing',
    statement:
      'Permuting the image tokens of Eqs. (1) and (2), or the semantic tokens of Eq. (6), changes nothing.',
    source: 'STViT Eqs. (1), (2), (6): attention sums over keys and values in any order',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id, keys, hat, out }, source] = oneOf(layers, trial)
      const question = lab.sample(id, trial)
      const x = tensorOf(question, keys)
      const order = permutation(source, x.shape[x.shape.length - 2])
      const answer = lab.answer(question)
      const permuted = lab.answer(changed(question, { [keys]: take(x, -2, order) }))
      for (const name of [hat, out]) {
        agree(`${name} with keys permuted`, permuted.dense(name), answer.dense(name))
      }
    },
    mutant: {
      name: 'values read in reverse order of their keys',
      plant: (rules) => ({
        matmul: (x, y) => rules.matmul(x, take(y, -2, range(y.shape[y.shape.length - 2]).toReversed())),
      }),
    },
  },
  {
    id: 'one-key-is-its-value',
    statement: 'With a single key the attention is exactly 1 and every query receives exactly its value.',
    source: 'algebra: softmax of one logit is 1',
    equations: idsOf(crossLayers),
    holds(lab, trial) {
      const [{ id, Nk }] = oneOf(crossLayers, trial)
      const answer = lab.answer(lab.sample(id, trial, { sizes: { [Nk]: 1 } }))
      const [A, v, heads] = [answer.tensor('A'), answer.tensor('v'), answer.tensor('heads')]
      identical('A over one key', A, constant(A.shape, 1))
      const [N, C] = heads.shape.slice(-2)
      const value = reshaped(v, [...heads.shape.slice(0, -2), 1, C])
      identical('heads over one key', heads, take(value, -2, new Array<number>(N).fill(0)))
    },
    mutant: {
      name: 'a small number added to the denominator of the softmax',
      plant: () => ({
        softmax: (x) =>
          mapRows(x, (row) => {
            const p = powers(row)
            return p.map((power) => power / (total(p) + 1e-6))
          }),
      }),
    },
  },
  {
    id: 'keys-alike-share-the-attention',
    statement: 'Where W_k is 0, so that all keys are alike, every entry of A is one over the number of keys.',
    source: 'algebra: softmax over the keys of equal logits',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id }] = oneOf(layers, trial)
      const question = withEach(lab.sample(id, trial), ['param.attn.k.weight'], (w) => mapped(w, () => 0))
      const A = lab.answer(question).dense('A')
      const keys = A.tensor.shape.at(-1) ?? 1
      agree('A of equal keys', A, exact(mapped(A.tensor, () => 1 / keys)))
    },
    mutant: {
      name: 'softmax over the queries, the wrong axis',
      plant: (rules) => ({
        softmax: (x) => rules.swapAxes(rules.softmax(rules.swapAxes(x, -1, -2)), -1, -2),
      }),
    },
  },
  {
    id: 'values-alike-pass-through',
    statement: 'Where W_v is 0, so that all values are the bias of v, every query receives that bias.',
    source: 'algebra: the weights of an average sum to one',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id }] = oneOf(layers, trial)
      const drawn = lab.sample(id, trial, { has: () => true })
      const question = withEach(drawn, ['param.attn.v.weight'], (w) => mapped(w, () => 0))
      const heads = lab.answer(question).dense('heads')
      const bias = tensorOf(question, 'param.attn.v.bias')
      agree('heads of equal values', heads, exact(mapped(heads.tensor, (_, i) => bias.data[i % bias.size])))
    },
    mutant: {
      name: 'the last key left out of the sum over values',
      plant: (rules) => ({
        matmul(x, y) {
          const keys = range(Math.max(1, y.shape[y.shape.length - 2] - 1))
          return rules.matmul(take(x, -1, keys), take(y, -2, keys))
        },
      }),
    },
  },
  {
    id: 'scores-are-products-over-root-d',
    statement: 'With heads of width d = 4 the scores are exactly half the products of queries and keys.',
    source: 'contract, MHA: scores are q kᵀ/√d, d = C/h; contract, STViT 3: both terms carry the 1/√d',
    equations: [...idsOf(layers), 'stvit/eq3'],
    holds(lab, trial) {
      const [[id, q, scores], source] = oneOf(
        [
          ...idsOf(layers).map((layer) => [layer, 'q', 'scores'] as const),
          ['stvit/eq3', 'q_s', 'A_s'] as const,
          ['stvit/eq3', 'q_g', 'A_g'] as const,
        ],
        trial,
      )
      const h = source.integer(1, 2)
      const answer = lab.answer(lab.sample(id, trial, { config: { heads: h }, sizes: { C: 4 * h } }))
      const products = lab.compute((a, dense) =>
        a.matmulTransposed(dense(answer.tensor(q)), dense(answer.tensor('k'))),
      )
      identical(
        `${id} ${scores}`,
        answer.tensor(scores),
        mapped(products.tensor, (x) => x / 2),
      )
    },
    mutant: {
      name: 'scores divided by d, not by its root',
      plant: (rules) => ({ scale: (x, factor) => rules.scale(x, factor * factor) }),
    },
  },
  {
    id: 'permuting-heads-permutes-their-attention',
    statement:
      'Permuting the heads in W_q, W_k, W_v and in the columns of W_proj permutes A and leaves the output unchanged.',
    source: 'contract, MHA: C is split into h contiguous groups, the heads concatenated in their order',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id, hat }, source] = oneOf(layers, trial)
      const h = source.integer(2, 3)
      const question = lab.sample(id, trial, { config: { heads: h } })
      const d = question.sizes['d']
      const heads = permutation(source, h)
      const channels = heads.flatMap((head) => range(d).map((i) => head * d + i))
      const projections = ['q', 'k', 'v'].flatMap((x) => [`param.attn.${x}.weight`, `param.attn.${x}.bias`])
      const rowsPermuted = withEach(question, projections, (w) => take(w, 0, channels))
      const permuted = withEach(rowsPermuted, ['param.attn.proj.weight'], (w) => take(w, 1, channels))
      const [before, after] = [lab.answer(question), lab.answer(permuted)]
      const expected = measuredLike(before.dense('A'), (A) => take(A, -3, heads))
      agree('A of permuted heads', after.dense('A'), expected)
      agree(`${hat} of permuted heads`, after.dense(hat), before.dense(hat))
    },
    mutant: {
      name: 'heads split and merged by reshaping, without moving tokens',
      plant: (rules) => ({
        swapAxes(x, axis, other) {
          const shape = [...x.shape]
          const [i, j] = [axis, other].map((index) => (index < 0 ? shape.length + index : index))
          ;[shape[i], shape[j]] = [shape[j], shape[i]]
          return rules.reshape(x, shape)
        },
      }),
    },
  },
]
