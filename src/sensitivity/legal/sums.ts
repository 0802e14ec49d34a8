import type { Real } from '../../../reference/tensor.ts'
import { fma } from './fma.ts'

/** Σ a[i + from]·b[i + other] over i < n. */
export type Dot = (a: Real, from: number, b: Real, other: number, n: number) => number

/** How a number is rounded when it is kept: `Math.fround`, or something a mutant prefers. */
export type Round = (x: number) => number

/** What a multiply-add does: `round(round(a·b) + sum)`, or a fused one. */
type Step = (a: number, b: number, sum: number) => number

/** Multiply, round, add, round. */
export const separate =
  (round: Round): Step =>
  (a, b, sum) =>
    round(sum + round(a * b))

export const fused: Step = fma

/** One after the other. */
export const sequential =
  (step: Step): Dot =>
  (a, from, b, other, n) => {
    let sum = 0
    for (let i = 0; i < n; i++) sum = step(a[from + i], b[other + i], sum)
    return sum
  }

/** From the last to the first. */
export const reversed =
  (step: Step): Dot =>
  (a, from, b, other, n) => {
    let sum = 0
    for (let i = n - 1; i >= 0; i--) sum = step(a[from + i], b[other + i], sum)
    return sum
  }

/** Halves, and halves of halves. */
export const pairwise =
  (round: Round): Dot =>
  (a, from, b, other, n) => {
    const between = (start: number, end: number): number => {
      if (end - start === 1) return round(a[from + start] * b[other + start])
      const middle = (start + end) >> 1
      return round(between(start, middle) + between(middle, end))
    }
    return n === 0 ? 0 : between(0, n)
  }

/** Blocks of k summed on their own, then block after block: a tiled kernel. */
export const blocked =
  (k: number, step: Step, round: Round): Dot =>
  (a, from, b, other, n) => {
    let sum = 0
    for (let start = 0; start < n; start += k) {
      let block = 0
      for (let i = start; i < Math.min(n, start + k); i++) block = step(a[from + i], b[other + i], block)
      sum = round(sum + block)
    }
    return sum
  }

/** `parts` stretches of the inner axis, each by its own worker, added in a tree. */
export const split =
  (parts: number, step: Step, round: Round): Dot =>
  (a, from, b, other, n) => {
    const sums: number[] = []
    const length = Math.ceil(n / parts)
    for (let start = 0; start < n; start += length) {
      let sum = 0
      for (let i = start; i < Math.min(n, start + length); i++) sum = step(a[from + i], b[other + i], sum)
      sums.push(sum)
    }
    return tree(sums, round)
  }

/** Term i into lane i mod `count`, lanes added in a tree: a vector unit. */
export const lanes =
  (count: number, step: Step, round: Round): Dot =>
  (a, from, b, other, n) => {
    const sums = new Array<number>(count).fill(0)
    for (let i = 0; i < n; i++) sums[i % count] = step(a[from + i], b[other + i], sums[i % count])
    return tree(sums, round)
  }

function tree(sums: readonly number[], round: Round): number {
  let level = sums
  while (level.length > 1) {
    const above: number[] = []
    for (let i = 0; i < level.length; i += 2)
      above.push(i + 1 < level.length ? round(level[i] + level[i + 1]) : level[i])
    level = above
  }
  return level[0] ?? 0
}

/** Kahan's compensated sum, every step rounded. */
export const compensated =
  (round: Round): Dot =>
  (a, from, b, other, n) => {
    let [sum, lost] = [0, 0]
    for (let i = 0; i < n; i++) {
      const term = round(round(a[from + i] * b[other + i]) - lost)
      const next = round(sum + term)
      lost = round(round(next - sum) - term)
      sum = next
    }
    return sum
  }
