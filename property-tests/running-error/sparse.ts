import type { Arithmetic } from '../../reference/arithmetic.ts'
import { rowsOf, storedArray, type RunningArray } from './array.ts'
import { denseRules, type DenseRule } from './dense.ts'
import type { RunningKinds, RunningMask } from './index.ts'
import { softmax } from './rows.ts'
import { given, isZero, magnitude, zero, type Running, type Storage } from './running.ts'

type SparseRule = Exclude<keyof Arithmetic<RunningKinds>, DenseRule | NameRule>
type NameRule = 'composite' | 'scope' | 'expose' | 'exposeSparse' | 'exposeMask'

/**
 * The sparse primitives on whole rows. A choice is made where the numbers' errors leave no doubt; the others are *open*, and what
 * is computed from an open entry is not known.
 */
export function sparseRules(storage: Storage): Pick<Arithmetic<RunningKinds>, SparseRule> {
  const dense = denseRules<RunningKinds>(storage)

  /** What is greater than the limit, itself rounded to float32, stays. */
  const above = (
    { shape, items }: RunningArray,
    limit: number,
    sizeOf: (x: Running) => number,
  ): RunningArray => ({
    shape,
    items: items.map((x) => {
      const bound = Math.fround(limit)
      const difference = sizeOf(x) - bound
      if (Math.abs(difference) <= x.error && x.error > 0) return { value: x.value, error: Infinity }
      return difference > 0 ? x : zero
    }),
  })
  const where = ({ open, kept }: RunningMask, { shape, items }: RunningArray): RunningArray => ({
    shape,
    items: items.map((x, i) =>
      open[i] === 1 ? { value: x.value, error: Infinity } : kept[i] === 1 ? x : zero,
    ),
  })

  return {
    compress: (x) => x,
    expand: (x) => x,
    threshold: (x, tau) => above(x, tau, ({ value }) => value.toNumber()),
    thresholdMagnitude: (x, t) => above(x, t, magnitude),
    sparseMatmul: (x, y) => dense.matmul(x, y),
    topK(x, budget) {
      const choices = rowsOf(x).flatMap((row) => row.map((_, column) => choiceOf(row, column, budget)))
      return {
        shape: x.shape,
        kept: Uint8Array.from(choices, (choice) => Number(choice === 'in')),
        open: Uint8Array.from(choices, (choice) => Number(choice === 'open')),
      }
    },
    matmulAt: (mask, x, y) => where(mask, dense.matmulTransposed(x, y)),
    sparseScale: (x, factor) => dense.scale(x, factor),
    maskedSoftmax(mask, x) {
      const rows = rowsOf(x).map((row, r) => {
        const start = r * row.length
        if (row.some((_, i) => mask.open[start + i] === 1)) return row.map(() => given(NaN))
        const kept = row.flatMap((_, i) => (mask.kept[start + i] === 1 ? [i] : []))
        const weights = kept.length === 0 ? [] : softmax(kept.map((i) => row[i]))
        return row.map((_, i) => (kept.includes(i) ? weights[kept.indexOf(i)] : zero))
      })
      return storedArray({ shape: x.shape, items: rows.flat() }, storage)
    },
    select: where,
    sparseMatmulDense: (x, y) => dense.matmul(x, y),
  }
}

/** Whether an entry is among the `budget` first of its row: the larger first, the lower column first among equals, zeros out. */
function choiceOf(row: readonly Running[], column: number, budget: number): 'in' | 'out' | 'open' {
  const own = row[column]
  if (own.error === Infinity) return 'open'
  if (isZero(own)) return 'out'
  let [surely, perhaps] = [0, 0]
  for (const [other, x] of row.entries()) {
    if (other === column) continue
    const ahead = x.value.minus(own.value).toNumber()
    const doubt = x.error + own.error
    const before = ahead === 0 ? other < column : ahead > 0
    if (Math.abs(ahead) > doubt || doubt === 0) surely += Number(before)
    else perhaps += 1
  }
  if (surely >= budget) return 'out'
  if (surely + perhaps >= budget || magnitude(own) <= own.error) return 'open'
  return 'in'
}
