import type { Arithmetic, Kinds } from '../../reference/arithmetic.ts'
import { arrayOf, at, axisOf, type RunningArray } from './array.ts'

interface ArrayKinds extends Kinds {
  readonly Dense: RunningArray
}

type PlaceRule = 'shape' | 'reshape' | 'swapAxes' | 'concat' | 'slice' | 'windows'

/** Where every element comes from; nothing is computed. */
export function placeRules<K extends ArrayKinds>(): Pick<Arithmetic<K>, PlaceRule> {
  return {
    shape: (x) => x.shape,
    reshape: ({ items }, shape) => ({ shape, items }),
    swapAxes(x, axis, other) {
      const [i, j] = [axisOf(x.shape, axis), axisOf(x.shape, other)]
      const swapped = <T>(all: readonly T[]): T[] => all.with(i, all[j]).with(j, all[i])
      return arrayOf(swapped(x.shape), (...index) => at(x, swapped(index)))
    },
    concat(xs, axis) {
      const along = axisOf(xs[0].shape, axis)
      const owner = xs.flatMap((x) => Array.from({ length: x.shape[along] }, (_, place) => ({ x, place })))
      return arrayOf(xs[0].shape.with(along, owner.length), (...index) => {
        const { x, place } = owner[index[along]]
        return at(x, index.with(along, place))
      })
    },
    slice(x, axis, start, end) {
      const along = axisOf(x.shape, axis)
      return arrayOf(x.shape.with(along, end - start), (...index) =>
        at(x, index.with(along, start + index[along])),
      )
    },
    windows(x, { rows, columns, height, width }) {
      const lead = x.shape.slice(0, -3)
      const shape = [...lead, rows.length * columns.length, height, width, x.shape[x.shape.length - 1]]
      return arrayOf(shape, (...index) => {
        const [window, r, c, channel] = index.slice(-4)
        const [row, column] = [
          rows[Math.floor(window / columns.length)] + r,
          columns[window % columns.length] + c,
        ]
        return at(x, [...index.slice(0, lead.length), row, column, channel])
      })
    },
  }
}
