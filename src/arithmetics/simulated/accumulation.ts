import type { Machine } from './machine.ts'

/** The order in which n terms become one. */
export type Order =
  /** From the first to the last. */
  | 'sequential'
  | 'reversed'
  /** Halves, halves of halves, down to single terms. */
  | 'pairwise'
  /** Blocks of K terms, each summed from 0, the blocks' sums added in turn. */
  | `blocked:${number}`
  /** K slices of neighbouring terms, as equal as can be, each summed from 0, their sums added in turn. */
  | `split-k:${number}`
  /** K sums, of which term i goes to number i mod K, added pairwise: a vector unit. */
  | `lanes:${number}`

/** An order; with `+fma` each product is added by one fused multiply-add. `fma` alone is `sequential+fma`. */
export type Accumulation = Order | `${Order}+fma` | 'fma'

const ORDER = /^(sequential|reversed|pairwise|(blocked|split-k|lanes):([1-9]\d{0,8}))$/

export function isAccumulation(text: string): text is Accumulation {
  return text === 'fma' || ORDER.test(text.replace(/\+fma$/, ''))
}

/** Sums the way a design says. Terms stand in arrays of which the first n count. */
export interface Summation {
  readonly fused: boolean
  sum(terms: Float64Array, n: number): number
  /** Σ xᵢ·yᵢ. */
  dot(x: Float64Array, y: Float64Array, n: number): number
}

/**
 * @param products rounds each product that is not fused
 * @param sums rounds each addition
 */
export function summation(accumulation: Accumulation, products: Machine, sums: Machine): Summation {
  const fused = accumulation.endsWith('fma')
  const order = accumulation === 'fma' ? 'sequential' : accumulation.replace(/\+fma$/, '')
  const reduce = reduction(order, sums.add)
  return {
    fused,
    sum: (terms, n) => reduce(n, (total, i) => sums.add(total, terms[i])),
    dot: (x, y, n) =>
      reduce(
        n,
        fused
          ? (total, i) => sums.fused(x[i], y[i], total)
          : (total, i) => sums.add(total, products.multiply(x[i], y[i])),
      ),
  }
}

type Add = (total: number, i: number) => number
type Reduce = (n: number, add: Add) => number

function reduction(order: string, plus: (x: number, y: number) => number): Reduce {
  const [kind, count] = order.split(':')
  const K = Number(count)
  switch (kind) {
    case 'reversed':
      return (n, add) => {
        let total = 0
        for (let i = n - 1; i >= 0; i--) total = add(total, i)
        return total
      }
    case 'pairwise':
      return (n, add) => halves(0, n, add, plus)
    case 'blocked':
      return (n, add) => slices(n, Math.ceil(n / K), (block) => Math.min(n, block * K), add, plus)
    case 'split-k':
      return (n, add) =>
        slices(n, Math.min(K, n), (slice) => Math.floor((slice * n) / Math.min(K, n)), add, plus)
    case 'lanes':
      return (n, add) => lanes(n, Math.min(K, n), add, plus)
    default:
      return (n, add) => run(0, n, 1, add)
  }
}

function run(from: number, to: number, step: number, add: Add): number {
  let total = 0
  for (let i = from; i < to; i += step) total = add(total, i)
  return total
}

function halves(from: number, to: number, add: Add, plus: (x: number, y: number) => number): number {
  if (to - from <= 1) return run(from, to, 1, add)
  const middle = (from + to) >>> 1
  return plus(halves(from, middle, add, plus), halves(middle, to, add, plus))
}

function slices(
  n: number,
  count: number,
  startOf: (slice: number) => number,
  add: Add,
  plus: (x: number, y: number) => number,
): number {
  if (n === 0) return 0
  let total = run(0, startOf(1), 1, add)
  for (let slice = 1; slice < count; slice++) {
    total = plus(total, run(startOf(slice), startOf(slice + 1), 1, add))
  }
  return total
}

function lanes(n: number, count: number, add: Add, plus: (x: number, y: number) => number): number {
  const between = (from: number, to: number): number => {
    if (to - from <= 1) return run(from, n, count, add)
    const middle = (from + to) >>> 1
    return plus(between(from, middle), between(middle, to))
  }
  return n === 0 ? 0 : between(0, count)
}
