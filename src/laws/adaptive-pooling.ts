import type { Tensor } from '../../reference/tensor.ts'
import { random } from '../random.ts'
import type { Law } from './law.ts'
import { agree, between, exact, identical } from './measured.ts'
import { map } from './mutants.ts'
import { ask, tensorOf, valuesOf, withEach } from './questions.ts'
import { constant, filled } from './rearrange.ts'

const [AVERAGE, MAX] = ['stvit/adaptive-average-pooling', 'stvit/adaptive-max-pooling']

/** Extents, bins along each axis, and where each starts and ends. */
const BINS: readonly (readonly [H: number, out: number, bins: readonly (readonly [number, number])[]])[] = [
  [7, 3, [[0, 3], [2, 5], [4, 7]]], // prettier-ignore
  [14, 4, [[0, 4], [3, 7], [7, 11], [10, 14]]], // prettier-ignore
  [5, 2, [[0, 3], [2, 5]]], // prettier-ignore
  [6, 3, [[0, 2], [2, 4], [4, 6]]], // prettier-ignore
  [2, 3, [[0, 1], [0, 2], [1, 2]]], // prettier-ignore
]

/** Laws of pooling without params, the alternative to STViT Eq. (5). */
export const adaptivePoolingLaws: readonly Law[] = [
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
]
