import { expect, test } from 'vitest'
import { bf16, fp16, tf32, towardZero } from './formats.ts'

test.each([
  ['bf16', bf16, 1 + 2 ** -8, 1],
  ['bf16', bf16, 1 + 3 * 2 ** -8, 1 + 2 ** -6],
  ['bf16', bf16, 1 + 2 ** -7, 1 + 2 ** -7],
  ['tf32', tf32, 1 + 2 ** -11, 1],
  ['tf32', tf32, -(1 + 2 ** -10 + 2 ** -12), -(1 + 2 ** -10)],
  ['tf32', tf32, 2 ** 100 * (1 + 2 ** -12), 2 ** 100],
  ['fp16', fp16, 65504, 65504],
  ['fp16', fp16, 65536, Infinity],
  ['fp16', fp16, -(2 ** -25) * 1.5, -(2 ** -24)],
  ['fp16', fp16, 2 ** -26, 0],
  ['toward zero', towardZero, 1 + 2 ** -23 - 2 ** -40, 1],
  ['toward zero', towardZero, -(1 + 2 ** -23 - 2 ** -40), -1],
  ['toward zero', towardZero, 0.5, 0.5],
] as const)('%s', (_, format, x, expected) => {
  expect(format(x)).toBe(expected)
})
