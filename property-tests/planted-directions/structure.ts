import type { Tensor } from '../../reference/tensor.ts'
import { layer, map, type Planted } from './planted.ts'

/** Which channel comes to a place of a Kh × Kw map. */
type Unfolding = (row: number, column: number, Kh: number, Kw: number) => number

const UNFOLDINGS: readonly (readonly [how: string, id: string, channel: Unfolding])[] = [
  ['down the columns', 'by-columns', (row, column, Kh) => column * Kh + row],
  ['as a map that is then turned', 'turned', (row, column, Kh, Kw) => fromTurned(row * Kw + column, Kh, Kw)],
]

/** Of what stands where. */
export const STRUCTURE: readonly Planted[] = [
  {
    equation: 'stvit/eq2',
    bug: 'the queries are no keys',
    id: 'order/concat-without/0',
    options: layer,
    rules: () => ({ concat: (xs) => xs[1] }),
    // shows tensors of other shapes, which is said without any direction
    outputsAlone: true,
  },
  {
    equation: 'stvit/eq5',
    bug: 'every kernel turned by 180°',
    id: 'convolution/flipped',
    rules: (base) => ({
      convolve: (x, w, b, groups) => {
        const [kh, kw] = w.shape.slice(-2)
        const taps = kh * kw
        const turned = map(w, (_, i) => w.data[i - (i % taps) + taps - 1 - (i % taps)])
        return base.convolve(x, turned, b, groups)
      },
    }),
  },
  {
    equation: 'stvit/eq5',
    bug: 'windows a row too early',
    id: 'windows/rows-1',
    options: { sizes: { H: 9, W: 9, C: 8 }, config: { ws: 3 } },
    rules: (base) => ({
      windows: (x, layout) =>
        base.windows(x, { ...layout, rows: layout.rows.map((row) => (row === 0 ? 0 : row - 1)) }),
    }),
  },
  {
    equation: 'sparsifiner/eq6',
    bug: 'the transposed attention map',
    id: 'order/transposed/X_next',
    options: { sizes: { n: 12, d: 8 } },
    rules: (base) => ({
      sparseMatmulDense: ({ values }, y) => base.matmul(base.swapAxes(values, -1, -2), y),
    }),
  },
  ...[
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [2, 3],
    [-2, -3],
  ].map(([down, right]): Planted => ({
    equation: 'stvit/eq5',
    bug: `windows of a map rolled by (${down}, ${right})`,
    id: `windows/rolled/${down},${right}`,
    options: { sizes: { H: 8, W: 12, C: 8 }, config: { ws: 2 } },
    rules: (base) => ({ windows: (x, layout) => base.windows(rolled(x, down, right), layout) }),
  })),
  {
    equation: 'stvit/window-recovery',
    bug: 'windows shifted as in Swin, and not back again',
    id: 'windows/rolled/-2,-1',
    options: { ...layer, sizes: { H: 8, W: 4, C: 12, rC: 24 }, config: { heads: 3, nw: 2 } },
    rules: (base) => ({ windows: (x, layout) => base.windows(rolled(x, -2, -1), layout) }),
  },
  ...UNFOLDINGS.map(([how, id, channel]): Planted => ({
    equation: 'stvit/eq5',
    bug: `the channels of O dealt out ${how}`,
    id: `order/unfolded-${id}/O`,
    options: { sizes: { H: 4, W: 12, C: 7 }, config: { ws: 2 } },
    rules: (base) => ({
      reshape: (x, shape) => {
        const [Kh, Kw] = shape.slice(-2)
        if (x.shape.at(-1) !== 12 || Kh !== 2 || Kw !== 6) return base.reshape(x, shape)
        const dealt = map(x, (_, i) => {
          const at = i % 12
          return x.data[i - at + channel(Math.floor(at / Kw), at % Kw, Kh, Kw)]
        })
        return base.reshape(dealt, shape)
      },
    }),
  })),
  {
    equation: 'stvit/eq5',
    bug: 'the channels of O dealt out down the columns of a square',
    id: 'order/unfolded-by-columns/O',
    options: { sizes: { H: 6, W: 6, C: 7 }, config: { ws: 2 } },
    rules: (base) => ({
      reshape: (x, shape) =>
        x.shape.at(-1) === 9 && shape.at(-1) === 3
          ? base.swapAxes(base.reshape(x, shape), -1, -2)
          : base.reshape(x, shape),
    }),
  },
]

/** `[.., H, W, C]` as `roll` of most frameworks has it: what falls off comes in at the other end. */
function rolled(x: Tensor, down: number, right: number): Tensor {
  const [H, W, C] = x.shape.slice(-3)
  const from = (i: number, by: number, extent: number): number => (i - by + extent) % extent
  return map(x, (_, i) => {
    const [c, column, row] = [i % C, Math.floor(i / C) % W, Math.floor(i / (C * W)) % H]
    const start = i - c - column * C - row * W * C
    return x.data[start + (from(row, down, H) * W + from(column, right, W)) * C + c]
  })
}

/** The channel at place `at` of a Kh × Kw map that was transposed and written out row by row again. */
function fromTurned(at: number, Kh: number, Kw: number): number {
  return (at % Kh) * Kw + Math.floor(at / Kh)
}
