import type { Arithmetic } from '../reference/arithmetic.ts'
import type { Value } from '../reference/evaluator.ts'
import type { FullKinds } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import type { SampleOptions } from '../src/catalogue/sample.ts'

type Rules = Arithmetic<FullKinds>

// bugs written by hand, sharing nothing with the catalogue of directions

const f = Math.fround

export function map(x: Tensor, change: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, change), x.shape)
}

function rowsOf(x: Tensor, change: (row: number[]) => number[]): Tensor {
  const width = x.shape.at(-1) ?? 1
  const out = new Float32Array(x.size)
  for (let start = 0; start < x.size; start += width) {
    out.set(change([...x.data.subarray(start, start + width)]), start)
  }
  return tensor(out, x.shape)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

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

/** Softmax of a row with `more` in the denominator and `base` in the place of e. */
function softmaxWith(more: number, base = Math.E): Partial<Rules> {
  return {
    softmax: (x) =>
      rowsOf(x, (row) => {
        const max = Math.max(...row)
        const powers = row.map((value) => base ** (value - max))
        return powers.map((power) => power / (sum(powers) + more))
      }),
  }
}

/** The scores scaled by something else; d is what 1/√d was made of. */
function scoresBy(factor: (d: number) => number): (base: Rules) => Partial<Rules> {
  return (base) => ({ scale: (x, usual) => base.scale(x, f(factor(Math.round(1 / usual ** 2)))) })
}

export function toBfloat16(x: number): number {
  const bits = new Uint32Array(1)
  const float = new Float32Array(bits.buffer)
  float[0] = x
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000
  return float[0]
}

export const layer: SampleOptions = {
  sizes: { C: 12, rC: 24 },
  config: { heads: 3 },
  lead: [2],
  has: (name) => !name.startsWith('param.layer_scale'),
}

interface Planted {
  readonly equation: string
  readonly bug: string
  readonly id: string
  readonly options?: SampleOptions
  readonly rules: (base: Rules) => Partial<Rules>
  /** Whether its direction is one of an average, what each rounding loses, so that β need not be 1. */
  readonly onAverage?: boolean
  readonly outputsAlone?: boolean
}

export const PLANTED: readonly Planted[] = [
  ...['stvit/eq1', 'stvit/eq2', 'stvit/eq6'].flatMap((equation): Planted[] => [
    {
      equation,
      bug: 'ε of 1e-5 in every LayerNorm',
      id: 'layer-norm/epsilon=0.00001',
      options: layer,
      rules: (base) => ({ layerNorm: (x, w, b) => base.layerNorm(x, w, b, 1e-5) }),
    },
    {
      equation,
      bug: 'the unbiased variance',
      id: 'layer-norm/unbiased',
      options: layer,
      rules: (base) => ({
        layerNorm: (x, w, b, eps) =>
          base.layerNorm(
            x,
            map(w, (g) => g * Math.sqrt(11 / 12)),
            b,
            (eps * 11) / 12,
          ),
      }),
    },
    {
      equation,
      bug: 'GELU by tanh',
      id: 'gelu/tanh',
      options: layer,
      rules: () => ({
        gelu: (x) =>
          map(x, (z) => z / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)))),
      }),
    },
    {
      equation,
      bug: 'scores scaled by 1/√C',
      id: 'scale/sqrt-C',
      options: layer,
      rules: scoresBy((d) => 1 / Math.sqrt(3 * d)),
    },
    {
      equation,
      bug: 'the bias of fc1 left out',
      id: 'bias-missing/ffn.fc1',
      options: layer,
      rules: (base) => ({ linear: (x, w, b) => base.linear(x, w, w.shape[0] === 24 ? undefined : b) }),
    },
    {
      equation,
      bug: 'a padded key of logit 0',
      id: 'softmax/padded-key',
      options: layer,
      rules: (base) => ({
        softmax(x) {
          const zeros = base.slice(base.scale(x, 0), -1, 0, 1)
          const n = x.shape.at(-1) ?? 1
          return base.slice(base.softmax(base.concat([x, zeros], -1)), -1, 0, n)
        },
      }),
    },
    {
      equation,
      bug: 'the last key dropped',
      id: 'softmax/last-key',
      options: layer,
      rules: (base) => ({
        softmax(x) {
          const n = x.shape.at(-1) ?? 1
          const kept = base.softmax(base.slice(x, -1, 0, n - 1))
          return base.concat([kept, base.scale(base.slice(x, -1, n - 1, n), 0)], -1)
        },
      }),
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
      bug: 'GELU before fc1',
      id: 'gelu/early',
      options: layer,
      rules: (base) => ({
        linear: (x, w, b) => base.linear(w.shape[0] === 24 ? base.gelu(x) : x, w, b),
        gelu: (x) => x,
      }),
    },
    {
      equation,
      bug: 'keys and values without their norm',
      id: 'layer-norm/left-out/norm_kv',
      options: { ...layer, has: (name) => !name.startsWith('param.layer_scale') },
      rules: (base) => {
        let norms = 0
        return { layerNorm: (x, w, b, eps) => (norms++ === 1 ? x : base.layerNorm(x, w, b, eps)) }
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
    {
      equation,
      bug: 'weights of attention in bfloat16',
      id: 'softmax/weights-bfloat16',
      options: layer,
      rules: (base) => ({ softmax: (x) => map(base.softmax(x), toBfloat16) }),
    },
    {
      equation,
      bug: 'keys padded to whole tiles of eight',
      id: 'softmax/padded-to-8',
      options: { ...layer, sizes: { ...layer.sizes, ...keysOf(equation, 5) } },
      rules: (base) => ({
        softmax(x) {
          const n = x.shape.at(-1) ?? 1
          const zeros = base.scale(base.slice(x, -1, 0, 8 - (n % 8)), 0)
          return base.slice(base.softmax(base.concat([x, zeros], -1)), -1, 0, n)
        },
      }),
    },
  ]),
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
    equation: 'sparsifiner/eq1',
    bug: 'scores scaled by 1/√m',
    id: 'scale/sqrt-m',
    options: { sizes: { n: 12, m: 7, d: 8 } },
    rules: scoresBy(() => 1 / Math.sqrt(7)),
  },
  {
    equation: 'sparsifiner/eq4',
    bug: 'logits times the mask, and nothing masked',
    id: 'softmax/unmasked-zeros',
    options: { config: { normalize: 'masked' }, sizes: { n: 12, d: 8 } },
    rules: (base) => ({ maskedSoftmax: (_, { values }) => base.compress(base.softmax(values)) }),
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
  {
    equation: 'sparsifiner/eq7',
    bug: 'hard labels',
    id: 'target/one-hot',
    options: { sizes: { B: 5, k: 7 }, tensors: new Map([['input.target', softTargets(5, 7)]]) },
    rules: (base) => ({
      weigh: (w, x) =>
        base.weigh(
          rowsOf(w, (row) => row.map((p) => Number(p === Math.max(...row)))),
          x,
        ),
    }),
  },
  {
    equation: 'sparsifiner/eq7',
    bug: 'label smoothing',
    id: 'target/smoothed',
    options: { sizes: { B: 5, k: 7 }, tensors: new Map([['input.target', softTargets(5, 7)]]) },
    rules: (base) => ({
      weigh: (w, x) =>
        base.weigh(
          map(w, (p) => 0.9 * p + 0.1 / 7),
          x,
        ),
    }),
  },
  {
    equation: 'sparsifiner/eq10',
    bug: 'summed over the columns, averaged over the rows',
    id: 'reduction/last/loss',
    options: { config: { reduction: 'mean' }, sizes: { n: 5, m: 4 } },
    rules: (base) => ({ mean: (x, over) => base.scale(base.mean(x, over), 5) }),
  },
  {
    equation: 'stvit/eq6',
    bug: 'linear layers summed toward zero',
    id: 'sums/toward-zero',
    options: { sizes: { Nx: 40, Ns: 9, C: 96, rC: 192 }, config: { heads: 3 } },
    rules: () => ({ linear: linearTowardZero }),
    onAverage: true,
  },
  ...['stvit/eq3', 'sparsifiner/eq1'].map((equation): Planted => ({
    equation,
    bug: 'log₂e of five digits',
    id: 'softmax/log2e=1.4427',
    rules: () => softmaxWith(0, 2 ** Number('1.4427')),
  })),
  {
    equation: 'stvit/eq3',
    bug: 'softmax to the base 2',
    id: 'softmax/base-2',
    options: { sizes: { C: 12 }, config: { heads: 3 } },
    rules: () => softmaxWith(0, 2),
  },
  ...['stvit/eq4', 'stvit/eq5'].map((equation): Planted => ({
    equation,
    bug: 'ReLU in place of GELU',
    id: 'gelu/relu',
    rules: () => ({ gelu: (x) => map(x, (z) => (z > 0 ? z : 0)) }),
  })),
  {
    equation: 'sparsifiner/eq1',
    bug: 'scores not scaled',
    id: 'scale/none',
    options: { sizes: { n: 12, m: 7, d: 8 } },
    rules: scoresBy(() => 1),
  },
  {
    equation: 'sparsifiner/eq2',
    bug: '≥ τ',
    id: 'choice/at-least',
    options: {
      config: { tau: 0.25 },
      tensors: new Map([['input.A_down', quarters()]]),
      sizes: { n: 4, m: 4 },
      lead: [],
    },
    rules: (base) => ({ threshold: (x, tau) => base.compress(map(x, (p) => (p < tau ? 0 : p))) }),
  },
  {
    equation: 'sparsifiner/eq3',
    bug: 'one more than the budget',
    id: 'option/budget=4',
    options: { config: { budget: 3 }, sizes: { n: 12, m: 8 } },
    rules: (base) => ({ topK: (x, budget) => base.topK(x, budget + 1) }),
  },
  {
    equation: 'sparsifiner/eq4',
    bug: 'softmax over the whole row',
    id: 'option/normalize=full',
    options: { config: { normalize: 'masked' }, sizes: { n: 12, d: 8 } },
    rules: (base) => ({
      matmulAt: (mask, x, y) => {
        whole = base.matmulTransposed(x, y)
        return base.select(mask, whole)
      },
      sparseScale: (x, factor) => {
        if (whole !== undefined) whole = base.scale(whole, factor)
        return base.sparseScale(x, factor)
      },
      maskedSoftmax: (mask, x) => base.select(mask, base.softmax(whole ?? x.values)),
    }),
  },
  {
    equation: 'sparsifiner/eq5',
    bug: 'the mask inverted',
    id: 'choice/inverted',
    rules: (base) => ({
      select: (mask, x) => base.select({ ...mask, kept: mask.kept.map((byte) => (byte === 0 ? 1 : 0)) }, x),
    }),
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
  {
    equation: 'sparsifiner/eq7',
    bug: 'the sum over the batch',
    id: 'reduction/sum/loss/4',
    options: { sizes: { B: 5, k: 7 } },
    rules: (base) => ({ mean: (x, over) => base.sum(x, over) }),
  },
  {
    equation: 'sparsifiner/eq8',
    bug: 'absolute differences',
    id: 'product/magnitude/loss/1',
    rules: (base) => ({ multiply: (x) => map(x, Math.abs), add: base.add }),
  },
  {
    equation: 'sparsifiner/eq9',
    bug: 'KL the other way round',
    id: 'option/direction=teach,pred',
    options: { config: { direction: 'pred,teach' }, sizes: { B: 4, k: 7 } },
    rules: (base) => {
      const logs: Tensor[] = []
      return {
        logSoftmax: (x) => {
          const log = base.logSoftmax(x)
          logs.push(log)
          return log
        },
        exp: () => base.exp(logs[1]),
        subtract: () => base.subtract(logs[1], logs[0]),
      }
    },
  },
  {
    equation: 'sparsifiner/eq10',
    bug: 'the sum of squares',
    id: 'option/reduction=sum',
    options: { config: { reduction: 'mean' }, sizes: { n: 5, m: 4 } },
    rules: (base) => ({ mean: (x, over) => base.sum(x, over) }),
  },
  {
    equation: 'sparsifiner/eq11',
    bug: 'a norm, not its square',
    id: 'reduction/root/loss/1',
    rules: (base) => ({ sum: (x, over) => map(base.sum(x, over), Math.sqrt) }),
  },
  {
    equation: 'sparsifiner/eq12',
    bug: 'two weights exchanged',
    id: 'option/lambda_token<->lambda_cls',
    options: { config: { lambda_token: 0.5, lambda_cls: 0.125, lambda_attn: 1, lambda_spa: 0.25 }, lead: [] },
    rules: (base) => {
      const weights = [0.125, 0.5, 1, 0.25]
      let at = 0
      return { scale: (x) => base.scale(x, weights[at++]) }
    },
  },
]

/** What `matmulAt` was given, kept between the steps of one evaluation. */
let whole: Tensor | undefined

/** Rows of which some are exactly τ = 1/4. */
function quarters(): Value {
  const data = Float32Array.of(
    0.25,
    0.25,
    0.25,
    0.25,
    0.5,
    0.25,
    0.125,
    0.125,
    0.75,
    0.25,
    0,
    0,
    0.5,
    0.5,
    0,
    0,
  )
  return { kind: 'dense', tensor: tensor(data, [4, 4]) }
}

/** Sizes that make so many keys. */
function keysOf(equation: string, keys: number): Record<string, number> {
  if (equation === 'stvit/eq2') return { Ns: 2, Ni: keys - 2 }
  return equation === 'stvit/eq1' ? { Ni: keys } : { Ns: keys }
}

/** Targets of which no class has all. */
function softTargets(B: number, k: number): Value {
  const data = Float32Array.from({ length: B * k }, (_, i) =>
    i % k === (3 * i) % 5 ? 0.4 : 0.6 / k + 0.01 * (i % k),
  )
  return { kind: 'dense', tensor: tensor(data, [B, k]) }
}
