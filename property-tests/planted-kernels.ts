import { withRule, type Arithmetic, type Primitive } from '../reference/arithmetic.ts'
import type { Evaluator } from '../reference/evaluator.ts'
import { float32Dense, fullEvaluator, type FullKinds } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { map, mapRows, powers, productInFloat32, total } from '../src/laws/mutants.ts'

type Rules = Arithmetic<FullKinds>

/** The largest float32 that is not further from zero: rounding by cutting off. */
function cut(x: number): number {
  const near = Math.fround(x)
  if (!(Math.abs(near) > Math.abs(x)) || !Number.isFinite(near)) return near
  const bits = new DataView(new ArrayBuffer(4))
  bits.setFloat32(0, near)
  bits.setUint32(0, bits.getUint32(0) - 1)
  return bits.getFloat32(0)
}

const double = fullEvaluator('float64', Float64Array).rules
const cutOff = (x: Tensor): Tensor => map(x, cut)

/** Every primitive that rounds, cutting off what it should round: at most one ULP wrong. */
export const cutting: Readonly<Partial<Record<Primitive, Partial<Rules>>>> = {
  add: { add: (x, y) => cutOff(double.add(x, y)) },
  subtract: { subtract: (x, y) => cutOff(double.subtract(x, y)) },
  multiply: { multiply: (x, y) => cutOff(double.multiply(x, y)) },
  weigh: { weigh: (w, x) => cutOff(double.weigh(w, x)) },
  scale: { scale: (x, factor) => cutOff(double.scale(x, factor)) },
  exp: { exp: (x) => cutOff(double.exp(x)) },
  gelu: { gelu: (x) => cutOff(double.gelu(x)) },
  sum: { sum: (x, over) => cutOff(double.sum(x, over)) },
  mean: { mean: (x, over) => cutOff(double.mean(x, over)) },
  pool: { pool: (x, bins, reduction) => cutOff(double.pool(x, bins, reduction)) },
  matmul: { matmul: (x, y) => cutOff(double.matmul(x, y)) },
  matmulTransposed: { matmulTransposed: (x, y) => cutOff(double.matmulTransposed(x, y)) },
  linear: { linear: (x, weight, bias) => cutOff(double.linear(x, weight, bias)) },
  convolve: { convolve: (x, weight, bias, groups) => cutOff(double.convolve(x, weight, bias, groups)) },
  softmax: { softmax: (x) => cutOff(double.softmax(x)) },
  logSoftmax: { logSoftmax: (x) => cutOff(double.logSoftmax(x)) },
  layerNorm: { layerNorm: (x, weight, bias, eps) => cutOff(double.layerNorm(x, weight, bias, eps)) },
  sparseMatmul: {
    sparseMatmul(x, y) {
      const { values, kept } = double.sparseMatmul(x, y)
      return { values: cutOff(values), kept }
    },
  },
  matmulAt: {
    matmulAt(mask, x, y) {
      const { values, kept } = double.matmulAt(mask, x, y)
      return { values: cutOff(values), kept }
    },
  },
  sparseScale: {
    sparseScale(x, factor) {
      const { values, kept } = double.sparseScale(x, factor)
      return { values: cutOff(values), kept }
    },
  },
  maskedSoftmax: {
    maskedSoftmax(mask, x) {
      const { values, kept } = double.maskedSoftmax(mask, x)
      return { values: cutOff(values), kept }
    },
  },
  sparseMatmulDense: { sparseMatmulDense: (x, y) => cutOff(double.sparseMatmulDense(x, y)) },
}

/** A bug in one primitive, with the primitive whose probes must find it. */
export interface Planted {
  readonly name: string
  readonly primitive: Primitive
  plant(rules: Rules): Partial<Rules>
}

/** erf of Abramowitz and Stegun 7.1.26, 1.5·10⁻⁷ off. */
function roughErf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.sign(x) * (1 - series * Math.exp(-x * x))
}

/** Σ of a row, rounded to float32 in the middle. */
function roundedHalfway(row: readonly number[]): number {
  const half = row.length >> 1
  return Math.fround(total(row.slice(0, half))) + total(row.slice(half))
}

/** What a person may get wrong inside a primitive and hardly see. */
export const planted: readonly Planted[] = [
  {
    name: 'a product of matrices summed in float32',
    primitive: 'matmul',
    plant: () => ({ matmul: productInFloat32 }),
  },
  {
    name: 'a sum rounded to float32 in the middle',
    primitive: 'sum',
    plant: (rules) => ({
      sum: (x, over) =>
        over === 'all'
          ? rules.sum(x, over)
          : tensor(Float32Array.from(rowsOf(x), roundedHalfway), x.shape.slice(0, -1)),
    }),
  },
  {
    name: 'a mean as a product with a float32 reciprocal',
    primitive: 'mean',
    plant: (rules) => ({
      mean(x, over) {
        const n = over === 'all' ? x.size : (x.shape.at(-1) ?? 1)
        return rules.scale(double.sum(x, over), Math.fround(1 / n))
      },
    }),
  },
  {
    name: 'a factor rounded to float32',
    primitive: 'scale',
    plant: (rules) => ({ scale: (x, factor) => rules.scale(x, Math.fround(factor)) }),
  },
  {
    name: 'a softmax whose sum is kept in float32',
    primitive: 'softmax',
    plant: () => ({
      softmax: (x) =>
        mapRows(x, (row) => {
          const p = powers(row)
          const sum = p.reduce((so, power) => Math.fround(so + power), 0)
          return p.map((power) => power / sum)
        }),
    }),
  },
  {
    name: 'a softmax without shift',
    primitive: 'softmax',
    plant: () => ({
      softmax: (x) =>
        mapRows(x, (row) => {
          const p = row.map((value) => Math.exp(value))
          return p.map((power) => power / total(p))
        }),
    }),
  },
  {
    name: 'log-softmax as the logarithm of a stored softmax',
    primitive: 'logSoftmax',
    plant: (rules) => ({ logSoftmax: (x) => map(rules.softmax(x), Math.log) }),
  },
  {
    name: 'a variance as E[x²] − μ² in float32',
    primitive: 'layerNorm',
    plant: () => ({
      layerNorm: (x, weight, bias, eps) =>
        mapRows(x, (row) => {
          const mu = total(row) / row.length
          const squares = Math.fround(total(row.map((value) => value * value)) / row.length)
          const deviation = Math.sqrt(Math.max(0, squares - Math.fround(mu * mu)) + eps)
          return row.map((value, i) => ((value - mu) / deviation) * weight.data[i] + bias.data[i])
        }),
    }),
  },
  {
    name: 'GELU by tanh',
    primitive: 'gelu',
    plant: () => ({
      gelu: (x) => map(x, (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
    }),
  },
  {
    name: 'GELU by a rough erf',
    primitive: 'gelu',
    plant: () => ({ gelu: (x) => map(x, (v) => 0.5 * v * (1 + roughErf(v * Math.SQRT1_2))) }),
  },
  {
    name: 'GELU by 1 + erf, which cancels on the left',
    primitive: 'gelu',
    plant: (rules) => ({
      gelu: (x) =>
        map(x, (v) => (v < -4 ? 0.5 * v * Math.fround(1 - roughErf(-v)) : rules.gelu(vector(v)).data[0])),
    }),
  },
  {
    name: 'subnormals flushed',
    primitive: 'multiply',
    plant: (rules) => ({
      multiply: (x, y) => map(rules.multiply(x, y), (v) => (Math.abs(v) < 2 ** -126 ? 0 : v)),
    }),
  },
  {
    name: '0·∞ not weighed as 0',
    primitive: 'weigh',
    plant: (rules) => ({
      weigh: (w, x) =>
        rules.weigh(
          map(w, (v) => (v === 0 ? 2 ** -149 : v)),
          x,
        ),
    }),
  },
  {
    name: 'a largest that starts at 0',
    primitive: 'pool',
    plant: (rules) => ({
      pool: (x, bins, reduction) =>
        reduction === 'mean'
          ? rules.pool(x, bins, reduction)
          : map(rules.pool(x, bins, reduction), (v) => Math.max(0, v)),
    }),
  },
  {
    name: 'the bias of a convolution rounded in first',
    primitive: 'convolve',
    plant: (rules) => ({
      convolve: (x, weight, bias, groups) =>
        bias === undefined
          ? rules.convolve(x, weight, bias, groups)
          : rules.add(rules.convolve(x, weight, undefined, groups), bias),
    }),
  },
  {
    name: 'the bias of a linear layer added to what was rounded',
    primitive: 'linear',
    plant: (rules) => ({
      linear: (x, weight, bias) =>
        bias === undefined ? rules.linear(x, weight) : rules.add(rules.linear(x, weight), bias),
    }),
  },
  {
    name: 'τ itself kept',
    primitive: 'threshold',
    plant: (rules) => ({
      threshold: (x, tau) => rules.threshold(x, tau - Math.abs(tau) * 2 ** -23 - 2 ** -149),
    }),
  },
  {
    name: 'a threshold by sign, not by magnitude',
    primitive: 'thresholdMagnitude',
    plant: (rules) => ({ thresholdMagnitude: (x, t) => rules.threshold(x, t) }),
  },
  {
    name: 'ties resolved upward',
    primitive: 'topK',
    plant: (rules) => ({
      topK(x, budget) {
        const turned = mapRows(x.values, (row) => row.toReversed())
        const { shape, kept } = rules.topK(rules.compress(turned), budget)
        const back = mapRows(tensor(Float32Array.from(kept), shape), (row) => row.toReversed())
        return { shape, kept: Uint8Array.from(back.data) }
      },
    }),
  },
  {
    name: 'a row that keeps nothing shared out evenly',
    primitive: 'maskedSoftmax',
    plant: (rules) => ({
      maskedSoftmax(mask, x) {
        const { values, kept } = rules.maskedSoftmax(mask, x)
        const even = (row: readonly number[]): number[] =>
          row.map((p) => (total(row) === 0 ? 1 / row.length : p))
        return { values: mapRows(values, even), kept }
      },
    }),
  },
  {
    name: 'the operands of a concatenation exchanged',
    primitive: 'concat',
    plant: (rules) => ({ concat: (xs, axis) => rules.concat(xs.toReversed(), axis) }),
  },
  {
    name: 'windows numbered down the columns',
    primitive: 'windows',
    plant: (rules) => ({
      windows: (x, layout) =>
        rules.reshape(
          rules.swapAxes(
            rules.reshape(rules.windows(x, layout), [
              ...x.shape.slice(0, -3),
              layout.rows.length,
              layout.columns.length,
              layout.height * layout.width * (x.shape.at(-1) ?? 1),
            ]),
            -3,
            -2,
          ),
          rules.windows(x, layout).shape,
        ),
    }),
  },
  {
    name: 'axes relabelled instead of exchanged',
    primitive: 'swapAxes',
    plant: (rules) => ({
      swapAxes: (x, axis, other) => rules.reshape(x, rules.swapAxes(x, axis, other).shape),
    }),
  },
  {
    name: 'a reshape that counts from the other end',
    primitive: 'reshape',
    plant: (rules) => ({ reshape: (x, shape) => rules.reshape(tensor(x.data.toReversed(), x.shape), shape) }),
  },
  {
    name: 'subnormals dropped as if they were zeros',
    primitive: 'compress',
    plant: (rules) => ({ compress: (x) => rules.compress(map(x, (v) => (Math.abs(v) < 2 ** -126 ? 0 : v))) }),
  },
  {
    name: 'what is not held filled with the smallest number instead of 0',
    primitive: 'expand',
    plant: () => ({ expand: ({ values, kept }) => map(values, (v, i) => (kept[i] === 0 ? 2 ** -149 : v)) }),
  },
  {
    name: 'negatives lost in a selection',
    primitive: 'select',
    plant: (rules) => ({
      select: (mask, x) =>
        rules.select(
          mask,
          map(x, (v) => Math.max(0, v)),
        ),
    }),
  },
  {
    name: 'a slice that starts one place early',
    primitive: 'slice',
    plant: (rules) => ({
      slice: (x, axis, start, end) =>
        start === 0 ? rules.slice(x, axis, start, end) : rules.slice(x, axis, start - 1, end - 1),
    }),
  },
]

/** The reference on whole rows with some rules replaced. */
export function withPlanted(rules: Partial<Rules>): Evaluator<FullKinds> {
  const sound = float32Dense()
  return { ...sound, rules: withRule(sound.rules, rules) }
}

function vector(...values: number[]): Tensor {
  return tensor(Float32Array.from(values), [values.length])
}

function rowsOf({ data, shape }: Tensor): number[][] {
  const width = shape.at(-1) ?? 1
  return Array.from({ length: data.length / width }, (_, row) => [
    ...data.subarray(row * width, (row + 1) * width),
  ])
}
