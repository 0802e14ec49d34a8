import { expect, test } from 'vitest'
import { tensor } from '../tensor.ts'
import { elementwise } from './elementwise.ts'

const { weigh } = elementwise(Float32Array)
const vector = (...values: number[]): ReturnType<typeof tensor> =>
  tensor(Float32Array.from(values), [values.length])

test('a weight of 0 gives 0, also against what is not finite', () => {
  expect([...weigh(vector(0, -0, 0, 0), vector(-Infinity, Infinity, NaN, 3)).data]).toEqual([0, 0, 0, 0])
  expect([...weigh(vector(2, 1), vector(-Infinity, 3)).data]).toEqual([-Infinity, 3])
})
