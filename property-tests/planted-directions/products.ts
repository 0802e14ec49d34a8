import { tensor, type Tensor } from '../../reference/tensor.ts'
import { layer, LAYERS, map, toBfloat16, type Planted } from './planted.ts'

const f = Math.fround

/** The float32 next to x on the side of 0. */
function towardZero(x: number): number {
  const nearest = f(x)
  if (Math.abs(nearest) <= Math.abs(x)) return nearest
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, nearest)
  view.setInt32(0, view.getInt32(0) - 1)
  return view.getFloat32(0)
}

function linearTowardZero(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [rows, [out, width]] = [x.size / (x.shape.at(-1) ?? 1), weight.shape]
  const y = Float32Array.from({ length: rows * out }, (_, at) => {
    const [row, column] = [Math.floor(at / out), at % out]
    let total = 0
    for (let k = 0; k < width; k++) {
      total = towardZero(total + towardZero(x.data[row * width + k] * weight.data[column * width + k]))
    }
    return bias === undefined ? total : towardZero(total + bias.data[column])
  })
  return tensor(y, [...x.shape.slice(0, -1), out])
}

/** Of products and their formats. */
export const PRODUCTS: readonly Planted[] = [
  ...LAYERS.flatMap((equation): Planted[] => [
    {
      equation,
      bug: 'the bias of fc1 left out',
      id: 'bias-missing/ffn.fc1',
      options: layer,
      rules: (base) => ({ linear: (x, w, b) => base.linear(x, w, w.shape[0] === 24 ? undefined : b) }),
    },
    {
      equation,
      bug: 'inputs of products in bfloat16',
      id: 'inputs/bfloat16',
      options: layer,
      rules: (base) => {
        const r = (x: Tensor): Tensor => map(x, toBfloat16)
        return {
          linear: (x, w, b) => base.linear(r(x), r(w), b),
          matmul: (x, y) => base.matmul(r(x), r(y)),
          matmulTransposed: (x, y) => base.matmulTransposed(r(x), r(y)),
        }
      },
    },
    {
      equation,
      bug: 'linear layers in bfloat16, as mixed precision has them',
      id: 'autocast/bfloat16/linear',
      options: layer,
      rules: (base) => {
        const r = (x: Tensor): Tensor => map(x, toBfloat16)
        return { linear: (x, w, b) => r(base.linear(r(x), r(w), b === undefined ? b : r(b))) }
      },
    },
  ]),
  {
    equation: 'stvit/eq6',
    bug: 'linear layers summed toward zero',
    id: 'sums/toward-zero',
    options: { sizes: { Nx: 40, Ns: 9, C: 96, rC: 192 }, config: { heads: 3 } },
    rules: () => ({ linear: linearTowardZero }),
    onAverage: true,
  },
  {
    equation: 'sparsifiner/eq6',
    bug: 'inputs in bfloat16',
    id: 'inputs/bfloat16',
    options: { sizes: { n: 12, d: 8 } },
    rules: (base) => ({
      sparseMatmulDense: (x, y) =>
        base.sparseMatmulDense({ ...x, values: map(x.values, toBfloat16) }, map(y, toBfloat16)),
    }),
  },
]
