import type { Arithmetic } from '../../../reference/arithmetic.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import type { Runtime } from './runtime.ts'
import { eachRow } from './tensors.ts'

/** Σ exp(xᵢ − shift) over a row, and the shift it was taken with. */
interface Denominator {
  readonly shift: number
  readonly sum: number
}

/**
 * The denominator of a softmax over the first n of `x`. `two-pass`: the shift is the maximum. `no-max`: it is 0, and exp may overflow.
 * `online`: block after block, the sum so far times exp(old maximum − new) wherever the maximum grows (Milakov and Gimelshein,
 * "Online normalizer calculation for softmax", 2018).
 */
function denominator(runtime: Runtime, x: Float64Array, n: number, powers: Float64Array): Denominator {
  const { machine: m, design } = runtime
  const sumOf = (from: number, to: number, shift: number): number => {
    for (let i = from; i < to; i++) powers[i - from] = power(runtime, x[i], shift)
    return runtime.sum(powers, to - from)
  }
  if (design.softmax === 'no-max') return { shift: 0, sum: sumOf(0, n, 0) }
  if (design.softmax === 'two-pass') {
    const shift = maximum(x, 0, n)
    return { shift, sum: sumOf(0, n, shift) }
  }
  const block = Number(design.softmax.split(':')[1] ?? 1)
  let [shift, sum] = [-Infinity, 0]
  for (let from = 0; from < n; from += block) {
    const to = Math.min(n, from + block)
    const larger = Math.max(shift, maximum(x, from, to))
    if (larger > shift && shift !== -Infinity) sum = m.multiply(sum, power(runtime, shift, larger))
    shift = larger
    sum = m.add(sum, sumOf(from, to, shift))
  }
  return { shift, sum }
}

/** exp(x − shift). A row of nothing but −∞ gives NaN here as it does in a runtime. */
export function power({ machine: m, exp }: Runtime, x: number, shift: number): number {
  return exp(shift === 0 ? x : m.subtract(x, shift))
}

export function maximum(x: Float64Array, from: number, to: number): number {
  let most = -Infinity
  for (let i = from; i < to; i++) if (x[i] > most) most = x[i]
  return most
}

/** Softmax and its logarithm; over the held entries of a row where it is masked. */
export function softmaxes(
  runtime: Runtime,
): Pick<Arithmetic<FullKinds>, 'softmax' | 'logSoftmax' | 'maskedSoftmax'> {
  const { machine: m } = runtime
  return {
    softmax(x) {
      const powers = new Float64Array(x.shape.at(-1) ?? 0)
      return eachRow(runtime, 'softmax', x, (row, out) => {
        const { shift, sum } = denominator(runtime, row, row.length, powers)
        for (let i = 0; i < row.length; i++) out[i] = runtime.divide(power(runtime, row[i], shift), sum)
      })
    },
    logSoftmax(x) {
      const powers = new Float64Array(x.shape.at(-1) ?? 0)
      return eachRow(runtime, 'logSoftmax', x, (row, out) => {
        const { shift, sum } = denominator(runtime, row, row.length, powers)
        const log = runtime.log(sum)
        for (let i = 0; i < row.length; i++) out[i] = m.subtract(m.subtract(row[i], shift), log)
      })
    },
    maskedSoftmax({ kept }, { values }) {
      const n = values.shape.at(-1) ?? 0
      const [held, powers] = [new Float64Array(n), new Float64Array(n)]
      const softmax = eachRow(runtime, 'maskedSoftmax', values, (row, out, start) => {
        let count = 0
        for (let i = 0; i < n; i++) if (kept[start + i] === 1) held[count++] = row[i]
        const { shift, sum } = denominator(runtime, held, count, powers)
        for (let i = 0; i < n; i++)
          out[i] = kept[start + i] === 1 ? runtime.divide(power(runtime, row[i], shift), sum) : 0
      })
      return { values: softmax, kept }
    },
  }
}
