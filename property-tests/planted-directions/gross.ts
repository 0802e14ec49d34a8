import erfc from '@stdlib/math-base-special-erfc'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import { layer, LAYERS, map, rowsOf, toBfloat16, type Planted } from './planted.ts'

/** Without what rows of so many end with. */
function shortened(x: Tensor, by: number): Tensor {
  return rowsOf(x, (row) => row.map((value, i) => (i < row.length - by ? value : 0)))
}

const online: Planted['rules'] = () => ({
  softmax: (x) =>
    rowsOf(x, (row) => {
      let [max, sum] = [-Infinity, 0]
      for (let start = 0; start < row.length; start += 4) {
        const tile = row.slice(start, start + 4)
        max = Math.max(max, ...tile)
        sum += tile.reduce((total, z) => total + Math.exp(z - max), 0)
      }
      return row.map((z) => Math.exp(z - max) / sum)
    }),
})

/** x·yᵀ by partial sums in bfloat16. */
function inBfloat16(x: Tensor, w: Tensor): Tensor {
  const [columns, k] = w.shape
  const rows = x.size / k
  const out = Float32Array.from({ length: rows * columns }, (_, at) => {
    let sum = 0
    for (let j = 0; j < k; j++) {
      sum = toBfloat16(
        Math.fround(sum + x.data[Math.floor(at / columns) * k + j] * w.data[(at % columns) * k + j]),
      )
    }
    return sum
  })
  return tensor(out, [...x.shape.slice(0, -1), columns])
}

/** Sizes that make eleven keys. */
function elevenKeys(equation: string): Record<string, number> {
  if (equation === 'stvit/eq2') return { Ns: 3, Ni: 8 }
  return equation === 'stvit/eq1' ? { Ni: 11 } : { Ns: 11 }
}

/** Of what is gross wherever it shows. */
export const GROSS: readonly Planted[] = [
  ...LAYERS.flatMap((equation): Planted[] => [
    {
      equation,
      bug: 'terms after the last tile of 8 left out of layers',
      id: 'remainder',
      options: layer,
      rules: (base) => ({ linear: (x, w, b) => base.linear(shortened(x, w.shape[1] % 8), w, b) }),
    },
    {
      equation,
      bug: 'no layer has a bias',
      id: 'bias-missing-everywhere',
      options: {
        ...layer,
        has: (name) => !name.startsWith('param.layer_scale') && name !== 'param.attn.k.bias',
      },
      rules: (base) => ({ linear: (x, w) => base.linear(x, w) }),
    },
    {
      equation,
      bug: 'sums of layers in bfloat16',
      id: 'accumulated/bfloat16/linear',
      options: layer,
      rules: (base) => ({
        linear: (x, w, b) => {
          const y = inBfloat16(x, w)
          return b === undefined ? y : base.add(y, b)
        },
      }),
    },
    {
      equation,
      bug: 'weights alone in bfloat16',
      id: 'factor/bfloat16/weights',
      options: layer,
      rules: (base) => ({ linear: (x, w, b) => base.linear(x, map(w, toBfloat16), b) }),
    },
    {
      equation,
      bug: 'an online softmax whose sum is not scaled',
      id: 'softmax/online-sum-4',
      options: { ...layer, sizes: { ...layer.sizes, ...elevenKeys(equation) } },
      rules: online,
    },
    {
      equation,
      bug: 'GELU without ½',
      id: 'gelu/no-half',
      options: layer,
      rules: () => ({ gelu: (x) => map(x, (value) => value * erfc(-value * Math.SQRT1_2)) }),
    },
    {
      equation,
      bug: 'LayerNorm without its affine map',
      id: 'layer-norm/no-affine',
      options: layer,
      rules: (base) => ({
        layerNorm: (x, w, b, eps) =>
          base.layerNorm(
            x,
            map(w, () => 1),
            map(b, () => 0),
            eps,
          ),
      }),
    },
    {
      equation,
      bug: 'the first head for all',
      id: 'order/first-head-for-all',
      options: layer,
      rules: (base) => ({
        matmul: (x, y) => {
          const first = base.slice(base.matmul(x, y), -3, 0, 1)
          return base.concat([first, first, first], -3)
        },
      }),
      outputsAlone: true,
    },
  ]),
  {
    equation: 'stvit/eq6',
    bug: 'attn.q and attn.k exchanged',
    id: 'exchanged/attn.q<->attn.k',
    options: { ...layer, has: (name) => name.startsWith('param.norm') },
    // q, k, v, proj, fc1, fc2
    rules: (base) => {
      const asked: { readonly x: Tensor; readonly w: Tensor }[] = []
      const product = (x: Tensor, w: Tensor): Tensor => base.linear(x, w)
      return {
        linear: (x, w) => {
          asked.push({ x, w })
          return product(x, w)
        },
        // what a product of attention is handed is made of the other's weights
        matmulTransposed: (q, k) => {
          const [ofQ, ofK] = asked
          const split = (y: Tensor, like: Tensor): Tensor => {
            const [h, , d] = like.shape.slice(-3)
            return base.swapAxes(base.reshape(y, [...y.shape.slice(0, -1), h, d]), -3, -2)
          }
          return base.matmulTransposed(split(product(ofQ.x, ofK.w), q), split(product(ofK.x, ofQ.w), k))
        },
      }
    },
    outputsAlone: true,
  },
  {
    equation: 'stvit/eq1',
    bug: 'the residual of the FFN from before attention',
    id: 'stale/input.P/S',
    options: layer,
    rules: (base) => {
      const sums: Tensor[] = []
      return {
        add: (x, y) => {
          sums.push(y)
          return base.add(x, sums.length === 2 ? sums[0] : y)
        },
      }
    },
  },
  ...[0, 2].map((before): Planted => ({
    equation: 'stvit/eq4',
    bug: before === 0 ? 'padding at the end alone' : 'padding at the start alone',
    id: before === 0 ? 'convolution/padded-after' : 'convolution/padded-before',
    options: { sizes: { kh: 5, kw: 6, C: 8, kd: 3, kc: 1 }, lead: [2] },
    rules: (base) => ({
      convolve: (x, w, b, groups) => {
        if (w.shape[2] === 1) return base.convolve(x, w, b, groups)
        const edge = (axis: number, y: Tensor): Tensor => base.scale(base.slice(y, axis, 0, 1), 0)
        const shift = (axis: number, y: Tensor): Tensor => {
          const n = y.shape.at(axis) ?? 1
          return before === 0
            ? base.concat([base.slice(y, axis, 1, n), edge(axis, y)], axis)
            : base.concat([edge(axis, y), base.slice(y, axis, 0, n - 1)], axis)
        }
        // a map moved by one, but for what is then cut off: of the middle, all that three taps see
        const wide = base.concat([edge(-3, x), x, edge(-3, x)], -3)
        const all = base.concat([edge(-2, wide), wide, edge(-2, wide)], -2)
        const y = base.convolve(shift(-2, shift(-3, all)), w, b, groups)
        const [H, W] = x.shape.slice(-3)
        return base.slice(base.slice(y, -3, 1, 1 + H), -2, 1, 1 + W)
      },
    }),
  })),
  {
    equation: 'stvit/eq5',
    bug: 'windows column by column',
    id: 'windows/by-columns',
    options: { sizes: { H: 8, W: 12, C: 7 }, config: { ws: 2 } },
    rules: (base) => ({
      windows: (x, layout) => {
        const all = base.windows(x, layout)
        return base.concat(
          [0, 2, 1, 3].map((window) => base.slice(all, -4, window, window + 1)),
          -4,
        )
      },
    }),
  },
  {
    equation: 'stvit/eq5',
    bug: 'windows side by side, the last moved back into the map',
    id: 'windows/whole',
    options: { sizes: { H: 14, W: 14, C: 7 }, config: { ws: 4 } },
    rules: (base) => ({
      windows: (x, layout) => base.windows(x, { ...layout, rows: [0, 4, 8, 10], columns: [0, 4, 8, 10] }),
    }),
  },
  {
    equation: 'sparsifiner/eq6',
    bug: 'the last entry of each row left out',
    id: 'remainder/held',
    options: { sizes: { n: 12, d: 8 } },
    rules: (base) => ({
      sparseMatmulDense: (x, y) => {
        const values = rowsOf(x.values, (row) => {
          const last = row.findLastIndex((value) => value !== 0)
          return row.map((value, i) => (i === last ? 0 : value))
        })
        return base.sparseMatmulDense({ ...x, values }, y)
      },
    }),
  },
  {
    equation: 'sparsifiner/eq3',
    bug: 'the largest of each column',
    id: 'choice/columns',
    options: { sizes: { n: 12, m: 5 }, config: { budget: 3 } },
    rules: (base) => ({
      topK: ({ values }, budget) => {
        const n = values.shape.at(-1) ?? 1
        const chosen = base.topK(base.compress(base.swapAxes(values, -1, -2)), budget)
        const kept = chosen.kept.map((_, i) => {
          const [column, row] = [i % n, Math.floor(i / n) % n]
          return chosen.kept[i - row * n - column + column * n + row]
        })
        return { shape: chosen.shape, kept }
      },
    }),
  },
  {
    equation: 'sparsifiner/eq8',
    bug: 'squares summed in bfloat16',
    id: 'accumulated/bfloat16/reductions',
    options: { lead: [4, 60] },
    rules: () => ({
      mean: (x) => {
        let sum = 0
        for (const value of x.data) sum = toBfloat16(Math.fround(sum + value))
        return tensor(Float32Array.of(sum / x.size), [])
      },
    }),
  },
]
