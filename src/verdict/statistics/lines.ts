import type { Shape } from '../../../reference/tensor.ts'

/** Of the rows, counted over all batches, or columns of a tensor: how many elements of each count, and what they add up to. */
export interface Lines {
  readonly counts: Int32Array
  readonly sums: Float64Array
}

/**
 * The lines along the last axis, `rows`, and across it, `columns`.
 * @param size of the tensor
 * @param x what is summed, of the elements at `index`, which ascends
 */
export function linesOf(
  shape: Shape,
  size: number,
  x: Float64Array,
  index: Int32Array,
): { readonly rows: Lines; readonly columns: Lines } {
  const width = Math.max(1, shape.at(-1) ?? 1)
  const rows = noLines(Math.ceil(size / width))
  const columns = noLines(width)
  let [row, start] = [0, 0]
  for (let at = 0; at < index.length; at++) {
    // no remainder of a division: it would be most of the work
    for (; index[at] >= start + width; start += width) row++
    const column = index[at] - start
    rows.counts[row]++
    rows.sums[row] += x[at]
    columns.counts[column]++
    columns.sums[column] += x[at]
  }
  return { rows, columns }
}

function noLines(count: number): Lines {
  return { counts: new Int32Array(count), sums: new Float64Array(count) }
}
