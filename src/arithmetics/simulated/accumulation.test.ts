import { expect, test } from 'vitest'
import { random } from '../../random.ts'
import { isAccumulation, summation, type Accumulation } from './accumulation.ts'
import { machine } from './machine.ts'

const f = Math.fround
const m = machine('float32', 'nearest', 'kept', 'saturate')
const terms = Float64Array.from([1 / 3, 1e4 / 7, -3.1, 2e-3, 77.77, -1e5 / 7, 0.11].map(f))
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

const source = random(3)
const vectors = Array.from({ length: 30 }, () => Float64Array.from({ length: 100 }, () => f(source.normal())))

test('each order is told apart from every other by some sums', () => {
  const orders: Accumulation[] = ['sequential', 'reversed', 'pairwise', 'blocked:16', 'split-k:3', 'lanes:8']
  const sums = orders.map((order) => vectors.map((x) => summation(order, m, m).sum(x, x.length)).join(' '))
  expect(new Set(sums).size).toBe(orders.length)
})

test('products are rounded, or fused into their sum', () => {
  const rounded = vectors.map((x) => x.reduce((sum, value) => f(sum + f(value * value)), 0))
  const fused = vectors.map((x) => x.reduce((sum, value) => m.fused(value, value, sum), 0))
  const dots = (how: Accumulation): number[] => vectors.map((x) => summation(how, m, m).dot(x, x, x.length))
  expect(dots('sequential')).toEqual(rounded)
  expect(dots('fma')).toEqual(fused)
  expect(dots('sequential+fma')).toEqual(fused)
  expect(fused).not.toEqual(rounded)
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
