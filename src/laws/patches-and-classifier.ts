import { tensor } from '../../reference/tensor.ts'
import { random } from '../random.ts'
import { permutation } from './draw.ts'
import type { Law } from './law.ts'
import { axesRelabelled, windowsDownColumns } from './map-windows.ts'
import { agree, exact, identical } from './measured.ts'
import { total } from './mutants.ts'
import { changed, tensorOf, withEach } from './questions.ts'
import { range, reshaped, take } from './rearrange.ts'

const [PATCHES, CLASSIFIER] = ['stvit/patch-embedding', 'stvit/classifier']

/** Laws of both ends of a model: patches become tokens, tokens logits. */
export const endLaws: readonly Law[] = [
  {
    id: 'a-patch-is-embedded-by-a-linear-layer',
    statement: 'Each token is the sum of its patch’s values times the kernel’s, plus bias and position.',
    source: 'STViT §3, DeiT: a convolution of which size and stride are equal',
    equations: [PATCHES],
    holds(lab, trial) {
      const question = lab.sample(PATCHES, trial, { lead: [], has: () => true })
      const { W, ch, p, C, nW } = question.sizes
      const [image, weight, bias, positions] = [
        'input.image',
        'param.proj.weight',
        'param.proj.bias',
        'param.pos_embed',
      ].map((name) => tensorOf(question, name).data)
      const X = lab.answer(question).dense('X')
      const expected = new Float64Array(X.tensor.size).map((_, at) => {
        const [token, out] = [Math.floor(at / C), at % C]
        const terms = range(ch * p * p).map((tap) => {
          const [c, r, s] = [Math.floor(tap / p / p), Math.floor(tap / p) % p, tap % p]
          const place = (Math.floor(token / nW) * p + r) * W + (token % nW) * p + s
          return weight[out * ch * p * p + tap] * image[place * ch + c]
        })
        return total(terms) + bias[out] + positions[at]
      })
      agree('tokens and their patches’ sums', X, exact(tensor(expected, X.tensor.shape)))
    },
    mutant: axesRelabelled,
  },
  {
    id: 'permuting-bands-of-patches-permutes-tokens',
    statement:
      'Without positions, permuting the bands of patches of an image permutes the tokens’ rows, bit for bit.',
    source: 'STViT §3: every patch is embedded by itself, in row-major order',
    equations: [PATCHES],
    holds(lab, trial) {
      const question = lab.sample(PATCHES, trial, { lead: [], has: (name) => name !== 'param.pos_embed' })
      const { p, nH, nW } = question.sizes
      const bands = permutation(random(trial.seed).fork('bands'), nH)
      const rows = bands.flatMap((band) => range(p).map((row) => band * p + row))
      const permuted = withEach(question, ['input.image'], (image) => take(image, -3, rows))
      const tokens = bands.flatMap((band) => range(nW).map((column) => band * nW + column))
      const expected = take(lab.answer(question).tensor('X'), -2, tokens)
      identical('tokens of permuted bands', lab.answer(permuted).tensor('X'), expected)
    },
    mutant: windowsDownColumns,
  },
  {
    id: 'the-classifier-ignores-the-order-of-tokens',
    statement: 'Permuting the tokens leaves the logits as they are.',
    source: 'STViT §4.1: global average pooling in place of a class token',
    equations: [CLASSIFIER],
    holds(lab, trial) {
      const question = lab.sample(CLASSIFIER, trial)
      const order = permutation(random(trial.seed).fork('tokens'), question.sizes['N'])
      const permuted = withEach(question, ['input.X'], (X) => take(X, -2, order))
      agree(
        'logits of permuted tokens',
        lab.answer(permuted).dense('logits'),
        lab.answer(question).dense('logits'),
      )
    },
    mutant: {
      name: 'the first token taken for a class token',
      plant: (rules) => ({
        mean: (x, over) =>
          over === 'all' ? rules.mean(x, over) : reshaped(take(x, -1, [0]), x.shape.slice(0, -1)),
      }),
    },
  },
  {
    id: 'tokens-alike-classify-as-one',
    statement: 'However many copies of one token there are, the logits are those of one.',
    source: 'algebra: the mean of equal tokens',
    equations: [CLASSIFIER],
    holds(lab, trial) {
      const question = lab.sample(CLASSIFIER, trial)
      const first = take(tensorOf(question, 'input.X'), -2, [0])
      const copies = random(trial.seed).fork('copies').integer(2, 9)
      const of = (count: number) =>
        lab.answer(changed(question, { 'input.X': take(first, -2, new Array<number>(count).fill(0)) }))
      agree('logits of copies', of(copies).dense('logits'), of(1).dense('logits'))
    },
    mutant: {
      name: 'tokens summed, not averaged',
      plant: (rules) => ({ mean: (x, over) => rules.sum(x, over) }),
    },
  },
]
