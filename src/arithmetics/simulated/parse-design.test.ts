import { describe, expect, test } from 'vitest'
import { QuestionError } from '../../errors.ts'
import { designKeys, plainDesign } from './design.ts'
import { formatDesign, optionName, parseDesign, readDesign } from './parse-design.ts'

test('what is left out is plain', () => {
  expect(parseDesign('')).toEqual(plainDesign)
  expect(parseDesign('accumulate=blocked:16,matmul=tf32')).toEqual({
    ...plainDesign,
    accumulate: 'blocked:16',
    matmul: 'tf32',
  })
})

test('a design is written as it is read', () => {
  const text = 'accumulate=lanes:8+fma,layer-norm=welford,exp-error=biased:3+slope:2'
  expect(formatDesign(parseDesign(text))).toBe(text)
  expect(formatDesign(plainDesign)).toBe('')
})

test('every option reads its own plain value', () => {
  const given = new Map(designKeys.map((key) => [optionName(key), plainDesign[key]]))
  expect(readDesign(given)).toEqual(plainDesign)
})

describe('refusals are one line that names the option', () => {
  test.each([
    ['acumulate=fma', 'simulated: expected a known option, found "acumulate" (did you mean "accumulate"?)'],
    ['fma', 'simulated: expected option=value, found "fma"'],
    ['matmul=tf32,matmul=bf16', 'simulated: matmul: expected it once, found it twice'],
    ['matmul=fp8', '--matmul: expected float32 | tf32 | bf16 | fp16 | e4m3 | e5m2, found "fp8"'],
    ['attention=flash:0', '--attention: expected stored | flash:K, found "flash:0"'],
    [
      'erf=tanh',
      '--erf: expected library | abramowitz-stegun, found "tanh" (tanh-GELU is another function, further off than rounding: no legal way to compute erf)',
    ],
  ])('%s', (text, message) => {
    expect(() => parseDesign(text)).toThrow(QuestionError)
    expect(() => parseDesign(text)).toThrow(message)
  })
})
