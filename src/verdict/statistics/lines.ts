import type { Shape } from '../../../reference/tensor.ts'

/** The rows, counted over all batches, or columns of a tensor: how many there are, and which one an element is in. */
interface Lines {
  readonly count: number
  lineOf(index: number): number
}

/** The lines that run along the last axis (`row`), or across it. */
export function linesOf(shape: Shape, size: number, kind: 'row' | 'column'): Lines {
  const width = Math.max(1, shape.at(-1) ?? 1)
  return kind === 'row'
    ? { count: Math.ceil(size / width), lineOf: (i) => Math.floor(i / width) }
    : { count: width, lineOf: (i) => i % width }
}

/** Of each line, how many of the elements at `index` it holds, and the sum of `f` over them. */
export function sumsOf(
  { count, lineOf }: Lines,
  index: Int32Array,
  f: (at: number) => number,
): { readonly counts: Int32Array; readonly sums: Float64Array } {
  const counts = new Int32Array(count)
  const sums = new Float64Array(count)
  for (let at = 0; at < index.length; at++) {
    const line = lineOf(index[at])
    counts[line]++
    sums[line] += f(at)
  }
  return { counts, sums }
}
