import { expect, test } from 'vitest'
import { isAccumulation, summation, type Accumulation } from './accumulation.ts'
import { machine } from './machine.ts'

const f = Math.fround
const m = machine('float32', 'nearest', 'kept', 'saturate')
const terms = Float64Array.from([1 / 3, 1e4 / 7, -3.1, 2e-3, 77.7, -1e4 / 7, 0.1].map(f))
const [a, b, c, d, e, g, h] = terms
const plus = (...xs: number[]): number => xs.reduce((sum, x) => f(sum + x))

test.each<[Accumulation, number]>([
  ['sequential', plus(a, b, c, d, e, g, h)],
  ['reversed', plus(h, g, e, d, c, b, a)],
  ['pairwise', plus(plus(a, plus(b, c)), plus(plus(d, e), plus(g, h)))],
  ['blocked:3', plus(plus(a, b, c), plus(d, e, g), h)],
  ['blocked:100', plus(a, b, c, d, e, g, h)],
  ['split-k:3', plus(plus(a, b), plus(c, d), plus(e, g, h))],
  ['split-k:100', plus(a, b, c, d, e, g, h)],
  ['lanes:2', plus(plus(a, c, e, h), plus(b, d, g))],
  ['lanes:4', plus(plus(plus(a, e), plus(b, g)), plus(plus(c, h), d))],
])('%s', (accumulation, expected) => {
  expect(summation(accumulation, m, m).sum(terms, terms.length)).toBe(expected)
})

test('the orders differ on these terms, so that they are told apart', () => {
  const orders: Accumulation[] = ['sequential', 'reversed', 'pairwise', 'blocked:3', 'split-k:3', 'lanes:2']
  expect(new Set(orders.map((order) => summation(order, m, m).sum(terms, 7))).size).toBe(orders.length)
})

test('products are rounded, or fused into their sum', () => {
  const x = Float64Array.from([1 / 3, 1 / 7, 1 / 11].map(f))
  const rounded = plus(f(x[0] * x[0]), f(x[1] * x[1]), f(x[2] * x[2]))
  const fused = [1, 2].reduce((sum, i) => m.fused(x[i], x[i], sum), f(x[0] * x[0]))
  expect(summation('sequential', m, m).dot(x, x, 3)).toBe(rounded)
  expect(summation('fma', m, m).dot(x, x, 3)).toBe(fused)
  expect(summation('sequential+fma', m, m).dot(x, x, 3)).toBe(fused)
  expect(fused).not.toBe(rounded)
})

test('a narrow accumulator rounds every sum', () => {
  const narrow = machine('bf16', 'nearest', 'kept', 'saturate')
  const ones = new Float64Array(300).fill(1)
  // 256 + 1 is halfway between 256 and 258
  expect(summation('sequential', m, narrow).sum(ones, 300)).toBe(256)
})

test('nothing sums to 0, in any order', () => {
  for (const order of ['sequential', 'reversed', 'pairwise', 'blocked:2', 'split-k:2', 'lanes:2'] as const)
    expect(summation(order, m, m).sum(terms, 0)).toBe(0)
})

test.each(['blocked', 'blocked:0', 'blocked:1.5', 'blocked:-1', 'fma+fma', 'pairwise:2', ''])(
  'refuses %s',
  (text) => {
    expect(isAccumulation(text)).toBe(false)
  },
)
