import type { Arithmetic, Kinds } from '../../reference/arithmetic.ts'
import { arrayOf, at, joint, rowsOf, storedArray, type RunningArray } from './array.ts'
import { placeRules } from './places.ts'
import { logSoftmax, normalised, softmax } from './rows.ts'
import {
  dot,
  gelu,
  given,
  isZero,
  largestOf,
  negated,
  over,
  plus,
  power,
  sumOf,
  times,
  zero,
  type Running,
  type Storage,
} from './running.ts'

interface ArrayKinds extends Kinds {
  readonly Dense: RunningArray
}

export type DenseRule =
  | 'shape'
  | 'reshape'
  | 'swapAxes'
  | 'concat'
  | 'slice'
  | 'windows'
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'weigh'
  | 'scale'
  | 'exp'
  | 'gelu'
  | 'sum'
  | 'mean'
  | 'pool'
  | 'matmul'
  | 'matmulTransposed'
  | 'linear'
  | 'convolve'
  | 'softmax'
  | 'logSoftmax'
  | 'layerNorm'

/** The dense primitives, each from its definition, element by element. */
export function denseRules<K extends ArrayKinds>(storage: Storage): Pick<Arithmetic<K>, DenseRule> {
  const store = (x: RunningArray): RunningArray => storedArray(x, storage)
  const each = ({ shape, items }: RunningArray, f: (x: Running) => Running): RunningArray =>
    store({ shape, items: items.map(f) })
  const both = (x: RunningArray, y: RunningArray, f: (a: Running, b: Running) => Running): RunningArray =>
    store(arrayOf(joint(x.shape, y.shape), (...index) => f(at(x, index), at(y, index))))
  const eachRow = (x: RunningArray, f: (row: readonly Running[]) => readonly Running[]): RunningArray =>
    store({ shape: x.shape, items: rowsOf(x).flatMap(f) })
  const reduced = (
    x: RunningArray,
    kept: 'last' | 'all',
    f: (terms: readonly Running[]) => Running,
  ): RunningArray =>
    kept === 'all'
      ? store({ shape: [], items: [f(x.items)] })
      : store({ shape: x.shape.slice(0, -1), items: rowsOf(x).map(f) })
  const meanOf = (terms: readonly Running[]): Running => over(sumOf(terms), given(terms.length))

  const product = (x: RunningArray, y: RunningArray, transposed: boolean): RunningArray => {
    const [n, k] = x.shape.slice(-2)
    const m = y.shape[y.shape.length - (transposed ? 2 : 1)]
    const lead = joint(x.shape.slice(0, -2), y.shape.slice(0, -2))
    return store(
      arrayOf([...lead, n, m], (...index) => {
        const [batch, i, j] = [index.slice(0, -2), ...index.slice(-2)]
        const inner = Array.from({ length: k }, (_, p) => p)
        return dot(
          inner.map((p) => at(x, [...batch, i, p])),
          inner.map((p) => at(y, transposed ? [...batch, j, p] : [...batch, p, j])),
        )
      }),
    )
  }

  return {
    ...placeRules<K>(),
    add: (x, y) => both(x, y, plus),
    subtract: (x, y) => both(x, y, (a, b) => plus(a, negated(b))),
    multiply: (x, y) => both(x, y, times),
    // 0·anything is 0, also where that is not known
    weigh: (w, x) => both(w, x, (a, b) => (isZero(a) ? zero : times(a, b))),
    // the factor itself comes out of a root and a division: 1/√d
    scale: (x, factor) =>
      each(x, (item) => times(item, { ...given(factor), error: 3 * 2 ** -53 * Math.abs(factor) })),
    exp: (x) => each(x, power),
    gelu: (x) => each(x, gelu),
    sum: (x, kept) => reduced(x, kept, sumOf),
    mean: (x, kept) => reduced(x, kept, meanOf),
    pool(x, { rows, columns }, reduction) {
      const C = x.shape[x.shape.length - 1]
      return store(
        arrayOf([...x.shape.slice(0, -3), rows.length, columns.length, C], (...index) => {
          const [batch, i, j, c] = [index.slice(0, -3), ...index.slice(-3)]
          const bin: Running[] = []
          for (let row = rows[i][0]; row < rows[i][1]; row++) {
            for (let column = columns[j][0]; column < columns[j][1]; column++)
              bin.push(at(x, [...batch, row, column, c]))
          }
          return reduction === 'mean' ? meanOf(bin) : largestOf(bin)
        }),
      )
    },
    matmul: (x, y) => product(x, y, false),
    matmulTransposed: (x, y) => product(x, y, true),
    linear: (x, weight, bias) =>
      store(
        arrayOf([...x.shape.slice(0, -1), weight.shape[0]], (...index) => {
          const [batch, out] = [index.slice(0, -1), index[index.length - 1]]
          const inner = Array.from({ length: weight.shape[1] }, (_, p) => p)
          return dot(
            inner.map((p) => at(x, [...batch, p])),
            inner.map((p) => at(weight, [out, p])),
            bias === undefined ? undefined : at(bias, [out]),
          )
        }),
      ),
    convolve(x, weight, bias, groups) {
      const [H, W] = x.shape.slice(-3)
      const [o, perGroup, kh, kw] = weight.shape
      return store(
        arrayOf([...x.shape.slice(0, -1), o], (...index) => {
          const [batch, row, column, out] = [index.slice(0, -3), ...index.slice(-3)]
          const [values, taps]: [Running[], Running[]] = [[], []]
          for (let c = 0; c < perGroup; c++) {
            for (let ky = 0; ky < kh; ky++) {
              for (let kx = 0; kx < kw; kx++) {
                const [y, z] = [row + ky - (kh - 1) / 2, column + kx - (kw - 1) / 2]
                if (y < 0 || y >= H || z < 0 || z >= W) continue
                const channel = Math.floor(out / (o / groups)) * perGroup + c
                values.push(at(x, [...batch, y, z, channel]))
                taps.push(at(weight, [out, c, ky, kx]))
              }
            }
          }
          return dot(values, taps, bias === undefined ? undefined : at(bias, [out]))
        }),
      )
    },
    softmax: (x) => eachRow(x, softmax),
    logSoftmax: (x) => eachRow(x, logSoftmax),
    layerNorm: (x, weight, bias, eps) =>
      eachRow(x, (row) =>
        normalised(row, eps).map((item, i) => plus(times(item, at(weight, [i])), at(bias, [i]))),
      ),
  }
}
