import { tensor, type Tensor } from '../../reference/tensor.ts'
import { random } from '../random.ts'
import { permutation } from './draw.ts'
import type { Law } from './law.ts'
import { agree, between, exact, identical } from './measured.ts'
import { map, total } from './mutants.ts'
import { ask, changed, tensorOf, valuesOf, withEach } from './questions.ts'
import { constant, filled, mapped, range, reshaped, take } from './rearrange.ts'

const [AVERAGE, MAX] = ['stvit/adaptive-average-pooling', 'stvit/adaptive-max-pooling']
const [PARTITION, REVERSE] = ['stvit/window-partition', 'stvit/window-reverse']
const [PATCHES, CLASSIFIER] = ['stvit/patch-embedding', 'stvit/classifier']

/** Extents, bins along each axis, and where each starts and ends. */
const BINS: readonly (readonly [H: number, out: number, bins: readonly (readonly [number, number])[]])[] = [
  [7, 3, [[0, 3], [2, 5], [4, 7]]], // prettier-ignore
  [14, 4, [[0, 4], [3, 7], [7, 11], [10, 14]]], // prettier-ignore
  [5, 2, [[0, 3], [2, 5]]], // prettier-ignore
  [6, 3, [[0, 2], [2, 4], [4, 6]]], // prettier-ignore
  [2, 3, [[0, 1], [0, 2], [1, 2]]], // prettier-ignore
]

/** The window of `height` × `width` places whose first is at `row`, `column`. */
export function cut(X: Tensor, row: number, column: number, height: number, width: number): Tensor {
  const rows = range(height).map((r) => row + r)
  const columns = range(width).map((c) => column + c)
  return take(take(X, -3, rows), -2, columns)
}

/** A map's places, or a window's, as tokens. */
export function tokensOf(X: Tensor): Tensor {
  const [H, W, C] = X.shape.slice(-3)
  return reshaped(X, [...X.shape.slice(0, -3), H * W, C])
}

/** Windows numbered down the columns instead of along the rows: a planted bug. */
export const windowsDownColumns: Law['mutant'] = {
  name: 'windows numbered down the columns',
  plant: (rules) => ({
    windows(x, layout) {
      const [down, across] = [layout.rows.length, layout.columns.length]
      const order = range(down * across).map((i) => (i % down) * across + Math.floor(i / down))
      return take(rules.windows(x, layout), -4, order)
    },
  }),
}

/** The tokens of each window read column by column: a planted bug. */
export const windowsTransposed: Law['mutant'] = {
  name: 'the tokens of a window read column by column',
  plant: (rules) => ({
    windows(x, layout) {
      const windows = rules.windows(x, layout)
      return rules.reshape(rules.swapAxes(windows, -3, -2), windows.shape)
    },
  }),
}

/** Axes relabelled, nothing moved: a planted bug. */
const axesRelabelled: Law['mutant'] = {
  name: 'axes relabelled instead of exchanged',
  plant: (rules) => ({
    swapAxes: (x, axis, other) => rules.reshape(x, rules.swapAxes(x, axis, other).shape),
  }),
}

/** Laws of what surrounds the equations of STViT without attending: pooling without params, windows, patches, classifier. */
export const surroundingMapLaws: readonly Law[] = [
  {
    id: 'a-constant-map-pools-to-its-constant',
    statement:
      'Adaptive average and max pooling of a map with one value everywhere give that value, bit for bit.',
    source: 'algebra: the mean and the largest of equal numbers',
    equations: [AVERAGE, MAX],
    holds(lab, trial) {
      const value = Math.fround(random(trial.seed).fork('value').normal())
      for (const id of [AVERAGE, MAX]) {
        const question = withEach(lab.sample(id, trial), ['input.X'], (X) => constant(X.shape, value))
        const P = lab.answer(question).tensor('P')
        identical(`${id} of a constant map`, P, constant(P.shape, value))
      }
    },
    mutant: {
      name: 'a row of zeros below the map counted in the last bins',
      plant: (rules) => ({
        pool(x, bins, reduction) {
          const [H, W, C] = x.shape.slice(-3)
          const below = constant([...x.shape.slice(0, -3), 1, W, C], 0)
          const rows = bins.rows.map(([start, end]) => [start, end === H ? H + 1 : end] as const)
          return rules.pool(rules.concat([x, below], -3), { ...bins, rows }, reduction)
        },
      }),
    },
  },
  {
    id: 'the-largest-is-at-least-the-mean',
    statement:
      'In every bin and channel adaptive max pooling gives at least what adaptive average pooling does.',
    source: 'algebra: no mean is above its largest term',
    equations: [AVERAGE, MAX],
    holds(lab, trial) {
      const question = lab.sample(AVERAGE, trial)
      const X = valuesOf({ 'input.X': tensorOf(question, 'input.X') })
      const most = lab.answer(ask(MAX, X, question.asked)).tensor('P')
      const mean = lab.answer(question).dense('P')
      between(
        'the mean',
        mean,
        () => -Infinity,
        (i) => most.data[i],
      )
    },
    mutant: {
      name: 'the largest by magnitude',
      plant: (rules) => ({
        pool(x, bins, reduction) {
          const most = rules.pool(x, bins, reduction)
          if (reduction === 'mean') return most
          const least = rules.pool(
            map(x, (value) => -value),
            bins,
            'max',
          )
          return map(most, (value, i) => (least.data[i] > value ? -least.data[i] : value))
        },
      }),
    },
  },
  {
    id: 'adaptive-bins-start-at-the-floor-and-end-at-the-ceiling',
    statement:
      'Bin i runs from ⌊i·H/out⌋ to ⌈(i + 1)·H/out⌉: of 7 places in 3 bins the first three, the middle three, the last three.',
    source: 'contract, STViT 5: the usual adaptive rule',
    equations: [AVERAGE, MAX],
    holds(lab, trial) {
      const [H, out, bins] = random(trial.seed).fork('bins').pick(BINS)
      const rows = filled([H, H, 1], (i) => Math.floor(i / H))
      const columns = filled([H, H, 1], (i) => -(i % H))
      const pooled = (id: string, X: Tensor) => lab.answer(ask(id, valuesOf({ 'input.X': X }), { out }))
      const expected = (value: (bin: readonly [number, number]) => number, axis: number) =>
        filled([out * out, 1], (i) => value(bins[axis === 0 ? Math.floor(i / out) : i % out]))
      identical(
        'ends of rows',
        pooled(MAX, rows).tensor('P'),
        expected(([, end]) => end - 1, 0),
      )
      identical(
        'starts of columns',
        pooled(MAX, columns).tensor('P'),
        expected(([start]) => -start, 1),
      )
      const middles = expected(([start, end]) => (start + end - 1) / 2, 0)
      agree('middles of rows', pooled(AVERAGE, rows).dense('P'), exact(middles))
    },
    mutant: {
      name: 'every bin ending where the next one starts',
      plant: (rules) => ({
        pool(x, bins, reduction) {
          const apart = (all: typeof bins.rows) =>
            all.map(
              ([start, end], i) =>
                [start, i + 1 < all.length ? Math.max(start + 1, all[i + 1][0]) : end] as const,
            )
          return rules.pool(x, { rows: apart(bins.rows), columns: apart(bins.columns) }, reduction)
        },
      }),
    },
  },
  {
    id: 'partition-and-reverse-undo-each-other',
    statement:
      'The reverse of a map’s partition is the map, and the partition of a reverse the windows, bit for bit.',
    source: 'contract, around the equations: one is the other’s inverse',
    equations: [PARTITION, REVERSE],
    holds(lab, trial) {
      const whole = lab.sample(PARTITION, trial)
      const { H, W } = whole.sizes
      const windows = lab.answer(whole).tensor('windows')
      const back = lab.answer(ask(REVERSE, valuesOf({ 'input.windows': windows }), { H, W })).tensor('X')
      identical('the map and its reversed partition', back, tensorOf(whole, 'input.X'))

      const cutUp = lab.sample(REVERSE, trial)
      const X = lab.answer(cutUp).tensor('X')
      const { w } = cutUp.sizes
      const again = lab.answer(ask(PARTITION, valuesOf({ 'input.X': X }), { w })).tensor('windows')
      identical('the windows and their partitioned reverse', again, tensorOf(cutUp, 'input.windows'))
    },
    mutant: windowsDownColumns,
  },
  {
    id: 'a-place-lies-in-its-window',
    statement: 'The place at row i·w + r and column j·w + c of a map is at r, c of window i·W/w + j.',
    source: 'contract, around the equations: windows of w × w in row-major order',
    equations: [PARTITION],
    holds(lab, trial) {
      const drawn = lab.sample(PARTITION, trial, { lead: [] })
      const { W, C, w, nW } = drawn.sizes
      const places = withEach(drawn, ['input.X'], (X) => mapped(X, (_, i) => i))
      const windows = lab.answer(places).tensor('windows')
      const expected = mapped(windows, (_, at) => {
        const [c, column] = [at % C, Math.floor(at / C) % w]
        const [row, window] = [Math.floor(at / C / w) % w, Math.floor(at / C / w / w)]
        const [i, j] = [Math.floor(window / nW), window % nW]
        return ((i * w + row) * W + j * w + column) * C + c
      })
      identical('windows of a numbered map', windows, expected)
    },
    mutant: windowsTransposed,
  },
  {
    id: 'a-window-returns-to-its-place',
    statement:
      'The reverse puts the token at r, c of window i·W/w + j at row i·w + r and column j·w + c of the map.',
    source: 'contract, around the equations: windows of w × w in row-major order',
    equations: [REVERSE],
    holds(lab, trial) {
      const drawn = lab.sample(REVERSE, trial, { lead: [] })
      const { W, C, w, nW } = drawn.sizes
      const numbers = withEach(drawn, ['input.windows'], (windows) => mapped(windows, (_, i) => i))
      const X = lab.answer(numbers).tensor('X')
      const expected = mapped(X, (_, at) => {
        const [c, column, row] = [at % C, Math.floor(at / C) % W, Math.floor(at / C / W)]
        const window = Math.floor(row / w) * nW + Math.floor(column / w)
        return ((window * w + (row % w)) * w + (column % w)) * C + c
      })
      identical('the map of numbered windows', X, expected)
    },
    mutant: axesRelabelled,
  },
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
