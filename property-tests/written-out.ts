import erfc from '@stdlib/math-base-special-erfc'
import { withRule, type Arithmetic } from '../reference/arithmetic.ts'
import type { Evaluator } from '../reference/evaluator.ts'
import type { FullKinds } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { roundingTo } from '../src/arithmetics/simulated/formats.ts'
import { simulated } from '../src/arithmetics/simulated/index.ts'
import { parseDesign } from '../src/arithmetics/simulated/parse-design.ts'

/** How a runtime by hand writes LayerNorm, GELU and softmax out. */
export interface Way {
  readonly name: string
  /** Besides what is stored in the format: how the rest is computed. */
  readonly design?: string
  /** The sum stored and divided by n; the mean stored alone; the sum times a stored 1/n. */
  readonly mean: 'sum' | 'mean' | 'times 1/n'
  /** 1/√t in one operation, as a reciprocal of the stored root, or that root divided by. */
  readonly root: 'inverse' | 'reciprocal' | 'divided by'
  readonly gain: 'last' | 'first' | 'with the root'
  readonly gelu: 'half of x first' | 'x first' | 'half of the sum' | 'two halves' | 'by erfc'
  /** √½ as a stored constant, or x divided by a stored √2. */
  readonly argument: 'times' | 'divided'
  readonly softmax: 'divided' | 'reciprocal'
  /** Of the steps, numbered as they come, those that are not stored. */
  readonly unstored?: (step: number) => boolean
}

export const ways: readonly Way[] = [
  {
    name: 'as PyTorch code has it',
    mean: 'mean',
    root: 'inverse',
    gain: 'last',
    gelu: 'half of x first',
    argument: 'times',
    softmax: 'divided',
  },
  {
    name: 'divided by the root, everything stored',
    mean: 'sum',
    root: 'divided by',
    gain: 'first',
    gelu: 'x first',
    argument: 'divided',
    softmax: 'divided',
  },
  {
    name: 'by reciprocals',
    mean: 'times 1/n',
    root: 'reciprocal',
    gain: 'with the root',
    gelu: 'half of the sum',
    argument: 'times',
    softmax: 'reciprocal',
  },
  {
    name: 'pairwise sums, two halves',
    design: ',accumulate=pairwise',
    mean: 'sum',
    root: 'reciprocal',
    gain: 'last',
    gelu: 'two halves',
    argument: 'divided',
    softmax: 'reciprocal',
  },
  {
    name: 'fused multiply-adds, Φ by erfc',
    design: ',accumulate=fma,bias=first',
    mean: 'mean',
    root: 'inverse',
    gain: 'with the root',
    gelu: 'by erfc',
    argument: 'times',
    softmax: 'divided',
  },
  {
    name: 'moments in float32',
    mean: 'mean',
    root: 'inverse',
    gain: 'last',
    gelu: 'x first',
    argument: 'times',
    softmax: 'reciprocal',
    unstored: (step) => step < 6,
  },
  {
    name: 'every other step stored',
    design: ',scale=query',
    mean: 'times 1/n',
    root: 'divided by',
    gain: 'first',
    gelu: 'half of x first',
    argument: 'divided',
    softmax: 'divided',
    unstored: (step) => step % 2 === 1,
  },
  {
    name: 'the other steps stored',
    design: ',scale=split',
    mean: 'sum',
    root: 'reciprocal',
    gain: 'last',
    gelu: 'two halves',
    argument: 'times',
    softmax: 'reciprocal',
    unstored: (step) => step % 2 === 0,
  },
]

/** What may be wrong with it. */
export interface Planted {
  readonly eps?: number
  readonly unbiased?: boolean
  readonly noBias?: boolean
  readonly noMean?: boolean
  readonly tanh?: boolean
  readonly noHalf?: boolean
  readonly droppedKey?: boolean
  readonly temperature?: number
}

const f = Math.fround

/** A runtime that is in `format` throughout and goes that way. */
export function writtenOut(format: 'bf16' | 'fp16', way: Way, bug: Planted = {}): Evaluator<FullKinds> {
  const base = simulated(parseDesign(`storage=${format},inputs=${format}${way.design ?? ''}`))
  const round = roundingTo(format)
  let step = 0
  const S = (x: number): number => (way.unstored?.(step++) === true ? f(x) : round(f(x)))
  const rowwise = (
    x: Tensor,
    row: (values: Float64Array, out: Float32Array, start: number) => void,
  ): Tensor => {
    const out = new Float32Array(x.size)
    const n = x.shape.at(-1) ?? 1
    for (let start = 0; start < out.length; start += n) {
      row(Float64Array.from(x.data.subarray(start, start + n)), out.subarray(start, start + n), start)
    }
    return tensor(out, x.shape)
  }
  const sum = (x: ArrayLike<number>): number => {
    let total = 0
    for (let i = 0; i < x.length; i++) total = f(total + x[i])
    return total
  }
  const each = (x: Float64Array, g: (value: number, i: number) => number): Float64Array => {
    const first = step
    return x.map((value, i) => {
      step = first
      return g(value, i)
    })
  }
  const meanOf = (x: Float64Array, n = x.length): number => {
    if (way.mean === 'mean') return S(f(sum(x) / n))
    const stored = S(sum(x))
    // a sum beyond the format leaves no mean: whoever has one keeps it in float32
    const total = Number.isFinite(stored) ? stored : sum(x)
    return S(way.mean === 'sum' ? f(total / n) : total * round(1 / n))
  }

  const softmaxOf = (z: Float64Array): { x: Float64Array; e: Float64Array; total: number } => {
    step = 0
    const max = z.reduce((most, value) => Math.max(most, value), -Infinity)
    const x = each(z, (value) => S(f(value - max) * (bug.temperature ?? 1)))
    const e = each(x, (value) => S(Math.exp(value)))
    return { x, e, total: S(sum(bug.droppedKey === true ? e.subarray(1) : e)) }
  }
  const probabilities = (z: Float64Array): Float64Array => {
    const { e, total } = softmaxOf(z)
    if (way.softmax === 'divided') return e.map((value) => round(f(value / total)))
    const inverse = S(f(1 / total))
    return e.map((value) => round(f(value * inverse)))
  }

  const rules: Partial<Arithmetic<FullKinds>> = {
    layerNorm(x, weight, bias, eps) {
      const e = round(bug.eps ?? eps)
      return rowwise(x, (row, out) => {
        step = 0
        const mean = bug.noMean === true ? 0 : meanOf(row)
        const d = each(row, (value) => S(f(value - mean)))
        const n = bug.unbiased === true ? row.length - 1 : row.length
        const variance = meanOf(
          each(d, (value) => S(f(value * value))),
          n,
        )
        const t = S(f(variance + e))
        const root = way.root === 'inverse' ? 0 : S(Math.sqrt(t))
        const r = way.root === 'inverse' ? S(1 / Math.sqrt(t)) : way.root === 'reciprocal' ? S(1 / root) : 0
        const normed = (y: number): number => S(way.root === 'divided by' ? f(y / root) : f(y * r))
        const scaled = each(d, (value, c) => {
          const g = weight.data[c]
          if (way.gain === 'last') return S(f(normed(value) * g))
          if (way.gain === 'first') return normed(S(f(value * g)))
          return S(f(value * normed(g)))
        })
        scaled.forEach((value, c) => (out[c] = round(f(value + (bug.noBias === true ? 0 : bias.data[c])))))
      })
    },
    gelu: (x) =>
      rowwise(x, (row, out) =>
        row.forEach((z, c) => {
          step = 0
          const half = round(z / 2)
          if (bug.tanh === true) {
            const inner = S(f(round(Math.sqrt(2 / Math.PI)) * S(f(z + S(f(round(0.044715) * S(z ** 3)))))))
            out[c] = round(f(half * S(f(1 + S(Math.tanh(inner))))))
            return
          }
          const a = S(way.argument === 'times' ? f(z * round(Math.SQRT1_2)) : f(z / round(Math.SQRT2)))
          const whole = bug.noHalf === true ? 2 : 1
          if (way.gelu === 'by erfc') out[c] = round(f(z * S((whole * erfc(-a)) / 2)))
          else if (way.gelu === 'two halves') out[c] = round(f(half + S(f(half * S(1 - erfc(a))))) * whole)
          else {
            const s = S(f(1 + S(1 - erfc(a)))) * whole
            if (way.gelu === 'half of x first') out[c] = round(f(half * s))
            else if (way.gelu === 'x first') out[c] = round(S(f(z * s)) / 2)
            else out[c] = round(f(z * S(s / 2)))
          }
        }),
      ),
    softmax: (z) => rowwise(z, (row, out) => out.set(probabilities(row))),
    logSoftmax: (z) =>
      rowwise(z, (row, out) => {
        const { x, total } = softmaxOf(row)
        const log = S(Math.log(total))
        x.forEach((value, i) => (out[i] = round(f(value - log))))
      }),
    maskedSoftmax({ kept }, { values }) {
      const p = rowwise(values, (row, out, start) => {
        const held = [...row.keys()].filter((i) => kept[start + i] === 1)
        probabilities(Float64Array.from(held, (i) => row[i])).forEach((value, at) => (out[held[at]] = value))
      })
      return { values: p, kept }
    },
  }
  return { ...base, name: `${way.name} in ${format}`, rules: withRule(base.rules, rules) }
}
