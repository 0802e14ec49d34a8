import type { FullMask, FullSparse } from '../../../reference/float32/full.ts'
import { map, mapRows } from '../tensors.ts'
import { maskLike, softmaxWith, sumOf } from './bugs.ts'
import { ONE } from './groups.ts'
import { config, operands, rule, type Class, type Mutant } from './mutant.ts'

/** The mask input taken otherwise. */
function maskInput(id: string, of: Class, about: string, bug: (mask: FullMask) => FullMask): Mutant {
  return operands(id, of, ['sparsifiner/eq4', 'sparsifiner/eq5'], about, (tensors) => {
    const found = tensors.get('input.M')
    if (found?.kind !== 'mask') return
    const { shape, kept } = bug({ shape: found.mask.shape, kept: found.mask.data })
    tensors.set('input.M', { kind: 'mask', mask: { shape, data: kept } })
  })
}

/** What leaves `select` or the masked softmax made over. */
function selected(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: (row: ArrayLike<number>, kept: (i: number) => boolean) => ArrayLike<number>,
): Mutant {
  const after = ({ values, kept }: FullSparse): FullSparse => ({
    kept,
    values: mapRows(values, (row, start) => bug(row, (i) => kept[start + i] === 1)),
  })
  return rule(id, of, equations, about, ({ select, maskedSoftmax }) => ({
    select: (mask, x) => after(select(mask, x)),
    maskedSoftmax: (mask, x) => after(maskedSoftmax(mask, x)),
  }))
}

/** Bugs of Sparsifiner’s Eqs. (4) and (5), attention under a mask. */
export const maskedAttentionMutants: readonly Mutant[] = [
  maskInput('mask-transposed', 'gross', 'the mask is read transposed.', (mask) =>
    maskLike(
      mask,
      (i, n) => mask.kept[i - (i % (n * n)) + (i % n) * n + (Math.floor(i / n) % n)],
      mask.kept.length,
    ),
  ),
  maskInput('mask-inverted', 'gross', 'what the mask drops is kept.', (mask) =>
    maskLike(mask, (i) => 1 - mask.kept[i], mask.kept.length),
  ),
  maskInput('mask-ignored', 'gross', 'the mask is not applied.', (mask) =>
    maskLike(mask, () => 1, mask.kept.length),
  ),
  maskInput('mask-of-first-head', 'gross', 'the mask of the first head serves all.', (mask) =>
    maskLike(mask, (i, n) => mask.kept[i % (n * n)], mask.kept.length),
  ),
  maskInput('mask-one-row-on', 'gross', 'the mask is used one row further down.', (mask) =>
    maskLike(mask, (i, n) => mask.kept[(i + n) % mask.kept.length], mask.kept.length),
  ),
  maskInput('mask-diagonal', 'gross', 'every token keeps itself.', (mask) =>
    maskLike(mask, (i, n) => (i % n === Math.floor(i / n) % n ? 1 : mask.kept[i]), mask.kept.length),
  ),
  config(
    'other-normalisation',
    'gross',
    ONE.sparse,
    '"masked" where "full" is asked for, or the other way round.',
    ({ normalize }) => ({
      normalize: normalize === 'full' ? 'masked' : 'full',
    }),
  ),
  rule(
    'masked-rows-uniform',
    'gross',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'a row that keeps nothing comes out uniform.',
    ({ select, maskedSoftmax }) => {
      const uniform = ({ values, kept }: FullSparse): FullSparse => {
        const n = values.shape.at(-1) ?? 1
        const rowKeeps = (i: number): boolean => kept.subarray(i - (i % n), i - (i % n) + n).includes(1)
        return {
          values: map(values, (value, i) => (rowKeeps(i) ? value : 1 / n)),
          kept: kept.map((byte, i) => (rowKeeps(i) ? byte : 1)),
        }
      }
      return {
        select: (mask, x) => uniform(select(mask, x)),
        maskedSoftmax: (mask, x) => uniform(maskedSoftmax(mask, x)),
      }
    },
  ),
  rule(
    'dropped-logits-zero',
    'gross',
    ONE.sparse,
    'dropped logits are 0, not −∞, so that they take part in the sum.',
    () => ({
      maskedSoftmax: (mask, { values }) => {
        const all = softmaxWith(values, {})
        return { kept: mask.kept, values: map(all, (value, i) => (mask.kept[i] === 1 ? value : 0)) }
      },
    }),
  ),
  rule(
    'dropped-logits-minus-10',
    'medium',
    ONE.sparse,
    'dropped logits are 10 below the row’s maximum, not −∞.',
    () => ({
      maskedSoftmax: (mask, { values }) => {
        const filled = mapRows(values, (row, start) => {
          const max = Array.from(row).reduce(
            (m, value, i) => (mask.kept[start + i] === 1 ? Math.max(m, value) : m),
            -Infinity,
          )
          return Float64Array.from(row, (value, i) => (mask.kept[start + i] === 1 ? value : max - 10))
        })
        const all = softmaxWith(filled, {})
        return { kept: mask.kept, values: map(all, (value, i) => (mask.kept[i] === 1 ? value : 0)) }
      },
    }),
  ),
  selected(
    'renormalised',
    'gross',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'rows are normalised after the mask was applied.',
    (row) => {
      const sum = sumOf(row)
      return Float64Array.from(row, (value) => (sum === 0 ? 0 : value / sum))
    },
  ),
  selected(
    'last-kept-dropped',
    'gross',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'the last entry that a row keeps is skipped.',
    (row, kept) => {
      const last = Array.from(row).findLastIndex((_, i) => kept(i))
      return Float64Array.from(row, (value, i) => (i === last ? 0 : value))
    },
  ),
  selected(
    'kept-in-11-bits',
    'medium',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'what is kept is a multiple of 2⁻¹¹.',
    (row) => Float64Array.from(row, (value) => Math.round(value * 2 ** 11) / 2 ** 11),
  ),
  selected(
    'small-kept-lost',
    'medium',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'kept entries below 1e-3 become 0.',
    (row) => Float64Array.from(row, (value) => (value < 1e-3 ? 0 : value)),
  ),
  selected(
    'small-kept-lost-1e-6',
    'subtle',
    ['sparsifiner/eq4', 'sparsifiner/eq5'],
    'kept entries below 1e-6 become 0.',
    (row) => Float64Array.from(row, (value) => (value < 1e-6 ? 0 : value)),
  ),
]
