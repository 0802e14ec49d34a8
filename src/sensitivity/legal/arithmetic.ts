import { withRule, type Arithmetic } from '../../../reference/arithmetic.ts'
import type { Evaluator } from '../../../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../../../reference/float32/index.ts'
import { sizeOf, type Tensor } from '../../../reference/tensor.ts'
import { generate, map, mapRows } from '../tensors.ts'
import type { Choices } from './choices.ts'
import { convolution, product } from './products.ts'
import { logSoftmaxOf, normalised, powersOf, standardised, total, type Unnormalised } from './rows.ts'

type Rules = Arithmetic<FullKinds>

/**
 * A float32 runtime that makes these choices: every step is rounded. It shares no arithmetic with the reference's kernels; moving elements,
 * choosing them, and single additions and products (one rounding, whoever does them) are `float32-dense`'s.
 */
export function runtime(name: string, choices: Choices): Evaluator<FullKinds> {
  const base = float32Dense()
  const rules = withRule(base.rules, computing(base.rules, choices))
  if (!choices.flush) return { ...base, name, rules }
  return {
    ...base,
    name,
    dense: (x) => flushed(base.dense(x)),
    rules: withRule(rules, flushing(rules)),
  }
}

const SMALLEST = 2 ** -126

function flushed(x: Tensor): Tensor {
  return map(x, (value) => (Math.abs(value) < SMALLEST ? 0 : value))
}

/** What is stored without going through `round`. */
function flushing(rules: Rules): Partial<Rules> {
  return {
    add: (x, y) => flushed(rules.add(x, y)),
    subtract: (x, y) => flushed(rules.subtract(x, y)),
    multiply: (x, y) => flushed(rules.multiply(x, y)),
    weigh: (w, x) => flushed(rules.weigh(w, x)),
    softmax: (x) => flushed(rules.softmax(x)),
    exp: (x) => flushed(rules.exp(x)),
    gelu: (x) => flushed(rules.gelu(x)),
    layerNorm: (x, weight, bias, eps) => flushed(rules.layerNorm(x, weight, bias, eps)),
  }
}

type Computing =
  | 'scale'
  | 'exp'
  | 'gelu'
  | 'sum'
  | 'mean'
  | 'matmul'
  | 'matmulTransposed'
  | 'linear'
  | 'convolve'
  | 'softmax'
  | 'logSoftmax'
  | 'layerNorm'
  | 'sparseMatmul'
  | 'matmulAt'
  | 'sparseScale'
  | 'maskedSoftmax'
  | 'sparseMatmulDense'

/** The rules that compute, over `base` for moving elements; also for mutants that get one choice wrong. */
export function computing(base: Rules, choices: Choices): Pick<Rules, Computing> {
  const { round, divide } = choices
  const factors = new WeakMap<Tensor, readonly [x: Tensor, y: Tensor]>()
  const pending = new WeakMap<Tensor, readonly Unnormalised[]>()

  const matmulTransposed = (x: Tensor, y: Tensor): Tensor => {
    const found = product(x, y, choices)
    factors.set(found, [x, y])
    return found
  }
  const matmul = (x: Tensor, y: Tensor): Tensor => {
    const waiting = pending.get(x)
    const columns = base.swapAxes(y, -1, -2)
    if (waiting === undefined) return product(x, columns, choices)
    const width = x.shape.at(-1) ?? 1
    const weights = generate(x, x.shape, (i) => waiting[Math.floor(i / width)].powers[i % width])
    const m = y.shape.at(-1) ?? 1
    return map(product(weights, columns, choices), (value, i) =>
      divide(value, waiting[Math.floor(i / m)].sum),
    )
  }
  const times = (x: Tensor, factor: number): Tensor => map(x, (value) => round(value * Math.fround(factor)))
  const scale = (x: Tensor, factor: number): Tensor => {
    const operands = factors.get(x)
    if (operands === undefined || choices.scale === 'logits') return times(x, factor)
    const [queries, keys] = operands
    if (choices.scale === 'queries') return product(times(queries, factor), keys, choices)
    if (choices.scale === 'keys') return product(queries, times(keys, factor), choices)
    // a negative scale has no real root
    if (factor < 0) return times(x, factor)
    return product(times(queries, Math.sqrt(factor)), times(keys, Math.sqrt(factor)), choices)
  }
  const softmax = (x: Tensor, kept?: Uint8Array): Tensor => {
    const rows: Unnormalised[] = []
    const out = mapRows(x, (row, start) => {
      const powers = powersOf(row, choices, (i) => kept === undefined || kept[start + i] === 1)
      rows.push(powers)
      return normalised(powers, choices)
    })
    if (typeof choices.softmax === 'object' && choices.softmax.deferred) pending.set(out, rows)
    return out
  }
  const reduce = (x: Tensor, over: 'last' | 'all', finish: (sum: number, n: number) => number): Tensor => {
    const shape = over === 'all' ? [] : x.shape.slice(0, -1)
    const n = x.size / sizeOf(shape)
    return generate(x, shape, (row) => finish(total(x.data.subarray(row * n, (row + 1) * n), choices), n))
  }
  return {
    scale,
    exp: (x) => map(x, choices.exp),
    gelu: (x) => map(x, (value) => geluOf(value, choices)),
    sum: (x, over) => reduce(x, over, (sum) => sum),
    mean: (x, over) =>
      reduce(x, over, (sum, n) => (choices.reciprocal ? round(sum * divide(1, n)) : divide(sum, n))),

    matmul,
    matmulTransposed,
    linear: (x, weight, bias) => product(x, weight, choices, bias),
    convolve: (x, weight, bias, groups) => convolution(x, weight, bias, groups, choices),

    softmax: (x) => softmax(x),
    logSoftmax: (x) => mapRows(x, (row) => logSoftmaxOf(row, choices)),
    layerNorm: (x, weight, bias, eps) =>
      mapRows(x, (row) =>
        standardised(row, choices, eps).map((y, i) => round(round(y * weight.data[i]) + bias.data[i])),
      ),

    sparseMatmul: (x, y) => {
      const values = matmul(x.values, y.values)
      return { values, kept: new Uint8Array(values.size).fill(1) }
    },
    matmulAt: (mask, x, y) => {
      const all = matmulTransposed(x, y)
      const kept = base.select(mask, all)
      factors.set(kept.values, [x, y])
      return kept
    },
    sparseScale: ({ values, kept }, factor) => {
      const scaled = scale(values, factor)
      return { values: map(scaled, (value, i) => (kept[i] === 1 ? value : 0)), kept }
    },
    maskedSoftmax: ({ kept }, { values }) => ({ values: softmax(values, kept), kept }),
    sparseMatmulDense: ({ values }, y) => matmul(values, y),
  }
}

function geluOf(x: number, { round, erf, normal }: Choices): number {
  if (normal !== undefined) return round(x * normal(x))
  return round(round(0.5 * x) * round(1 + erf(round(x * Math.fround(Math.SQRT1_2)))))
}
