import type { Real } from '../../../reference/tensor.ts'
import type { Choices } from './choices.ts'

let ones: Float64Array = new Float64Array(256).fill(1)

/** Σ values: a sum of products with 1, which are exact. */
export function total(values: Real, { dot }: Pick<Choices, 'dot'>): number {
  if (ones.length < values.length) ones = new Float64Array(2 * values.length).fill(1)
  return dot(values, 0, ones, 0, values.length)
}

/** What a softmax leaves behind: weights not yet divided, and their sum. */
export interface Unnormalised {
  readonly powers: Float64Array
  readonly sum: number
}

/** exp(z − max) of the entries held, and their sum; entries not held are 0. */
export function powersOf(row: Float64Array, choices: Choices, holds: (i: number) => boolean): Unnormalised {
  const { exp, round, softmax } = choices
  const held: number[] = []
  for (let i = 0; i < row.length; i++) if (holds(i)) held.push(i)
  const powers = new Float64Array(row.length)
  if (held.length === 0) return { powers, sum: 0 }
  if (typeof softmax === 'object') return online(row, held, choices, softmax.online)
  // past 40 some exp may overflow or the sum lose everything: a runtime that skips the maximum must not go there
  const skip = softmax === 'shiftless' && held.every((i) => Math.abs(row[i]) < 40)
  const max = skip ? 0 : held.reduce((most, i) => Math.max(most, row[i]), -Infinity)
  for (const i of held) powers[i] = exp(round(row[i] - max))
  return { powers, sum: total(powers, choices) }
}

/** Blocks of keys: what came before is rescaled by exp(old − new) whenever a block raises the maximum. */
function online(row: Float64Array, held: readonly number[], choices: Choices, size: number): Unnormalised {
  const { exp, round } = choices
  const powers = new Float64Array(row.length)
  let [max, sum] = [-Infinity, 0]
  for (let start = 0; start < held.length; start += size) {
    const block = held.slice(start, start + size)
    const next = block.reduce((most, i) => Math.max(most, row[i]), max)
    if (next > max && start > 0) {
      const shrink = exp(round(max - next))
      sum = round(sum * shrink)
      for (const i of held.slice(0, start)) powers[i] = round(powers[i] * shrink)
    }
    max = next
    const own = Float64Array.from(block, (i) => (powers[i] = exp(round(row[i] - max))))
    sum = round(sum + total(own, choices))
  }
  return { powers, sum }
}

/** Powers over their sum. */
export function normalised(
  { powers, sum }: Unnormalised,
  { divide, round, reciprocal }: Choices,
): Float64Array {
  if (reciprocal) {
    const inverse = divide(1, sum)
    return powers.map((power) => (power === 0 ? 0 : round(power * inverse)))
  }
  return powers.map((power) => (power === 0 ? 0 : divide(power, sum)))
}

/** log p of a row. */
export function logSoftmaxOf(row: Float64Array, choices: Choices): Float64Array {
  const { exp, log, round, logSumExp } = choices
  const max = row.reduce((most, value) => Math.max(most, value), -Infinity)
  const logSum = log(
    total(
      Float64Array.from(row, (value) => exp(round(value - max))),
      choices,
    ),
  )
  if (logSumExp) {
    const all = round(max + logSum)
    return Float64Array.from(row, (value) => round(value - all))
  }
  return Float64Array.from(row, (value) => round(round(value - max) - logSum))
}

/** (x − μ)/√(σ² + ε) of a row. */
export function standardised(row: Float64Array, choices: Choices, eps: number): Float64Array {
  const { round, inverseSqrt } = choices
  const { mean, variance } = momentsOf(row, choices)
  const inverse = inverseSqrt(round(variance + round(eps)))
  return Float64Array.from(row, (value) => round(round(value - mean) * inverse))
}

function momentsOf(row: Float64Array, choices: Choices): { mean: number; variance: number } {
  const { dot, divide, round } = choices
  const n = row.length
  if (choices.variance === 'welford') return welford(row, choices)
  const mean = divide(total(row, choices), n)
  const centred = Float64Array.from(row, (value) => round(value - mean))
  const twoPass = divide(dot(centred, 0, centred, 0, n), n)
  if (choices.variance === 'two-pass') return { mean, variance: twoPass }
  const meanSquare = divide(dot(row, 0, row, 0, n), n)
  // beyond E[x²] = 4σ² the digits of the one-pass form cancel, and the profile flags it
  const variance = meanSquare <= 4 * twoPass ? Math.max(0, round(meanSquare - round(mean * mean))) : twoPass
  return { mean, variance }
}

/** Welford's running mean and sum of squares. */
function welford(row: Float64Array, { divide, round }: Choices): { mean: number; variance: number } {
  // the first division is by one, and a runtime that got that wrong would have negative variances
  let [mean, squares] = [row[0], 0]
  for (let i = 1; i < row.length; i++) {
    const before = round(row[i] - mean)
    mean = round(mean + divide(before, i + 1))
    squares = round(squares + round(before * round(row[i] - mean)))
  }
  return { mean, variance: divide(squares, row.length) }
}
