import type { Shape } from '../../../reference/tensor.ts'

/** Of the rows, counted over all batches, or columns of a tensor: how many elements of each count, and what they add up to. */
export interface Lines {
  readonly counts: Int32Array
  readonly sums: Float64Array
}

/**
 * The lines along the last axis (`row`), or across it.
 * @param size of the tensor
 * @param x what is summed, of the elements at `index`
 */
export function linesOf(
  kind: 'row' | 'column',
  shape: Shape,
  size: number,
  x: Float64Array,
  index: Int32Array,
): Lines {
  const width = Math.max(1, shape.at(-1) ?? 1)
  const count = kind === 'row' ? Math.ceil(size / width) : width
  const counts = new Int32Array(count)
  const sums = new Float64Array(count)
  for (let at = 0; at < index.length; at++) {
    const column = index[at] % width
    const line = kind === 'row' ? (index[at] - column) / width : column
    counts[line]++
    sums[line] += x[at]
  }
  return { counts, sums }
}
