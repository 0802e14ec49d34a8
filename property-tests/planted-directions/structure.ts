import { layer, map, type Planted } from './planted.ts'

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
]
