import type { Tensor } from '../../reference/tensor.ts'
import type { Law } from './law.ts'
import { range, reshaped, take } from './rearrange.ts'

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
export const axesRelabelled: Law['mutant'] = {
  name: 'axes relabelled instead of exchanged',
  plant: (rules) => ({
    swapAxes: (x, axis, other) => rules.reshape(x, rules.swapAxes(x, axis, other).shape),
  }),
}
