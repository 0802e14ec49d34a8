import exp from '@stdlib/math-base-special-exp'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tensor } from '../tensor.ts'
import { maskedSoftmax } from './masked-softmax.ts'
import { fromDense, patternFromBytes, valuesAt } from './rows.ts'

const score = fc.float({ noNaN: true, noDefaultInfinity: true, min: -50, max: 50 })

test('each row is the softmax of its held entries alone, rounded once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(score, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      (held) => {
        const m = 12
        const bytes = new Uint8Array(held.length * m)
        const data = new Float32Array(bytes.length)
        held.forEach((row, r) =>
          row.forEach((value, i) => {
            // held at the right of the row, so that places and entries differ
            data[(r + 1) * m - row.length + i] = value
            bytes[(r + 1) * m - row.length + i] = 1
          }),
        )
        const shape = [held.length, m]
        const { values } = maskedSoftmax(valuesAt(patternFromBytes(bytes, shape), tensor(data, shape)))
        const expected = held.flatMap((row) => {
          const max = Math.max(...row)
          const powers = row.map((value) => exp(value - max))
          const sum = powers.reduce((total, power) => total + power, 0)
          return powers.map((power) => power / sum)
        })
        expect(values).toEqual(Float32Array.from(expected))
      },
    ),
  )
})

test('an empty row stays empty, a lone entry becomes 1, and huge scores do not overflow', () => {
  const x = tensor(Float32Array.of(0, 0, -1e38, 0, 3e38, 3e38), [3, 2])
  const { pattern, values } = maskedSoftmax(fromDense(x, (value) => value !== 0))
  expect([...pattern.start]).toEqual([0, 0, 1, 3])
  expect([...values]).toEqual([1, 0.5, 0.5])
})

test('float64 rows stay float64', () => {
  const x = tensor(Float64Array.of(1, 2, 4), [1, 3])
  const { values } = maskedSoftmax(fromDense(x, () => true))
  expect(values).toBeInstanceOf(Float64Array)
  // each of the three is off by at most a few roundings of 2⁻⁵³ of it
  expect(Math.abs(values[0] + values[1] + values[2] - 1)).toBeLessThan(2 ** -51)
})
