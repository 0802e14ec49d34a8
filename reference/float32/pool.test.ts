import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adaptiveBins } from '../layers/adaptive-bins.ts'
import { ShapeError } from '../shape-error.ts'
import { tensor } from '../tensor.ts'
import { float32 } from './index.ts'

const { rules } = float32()

test('adaptive bins are the usual ones: 7 into 3 overlap by one place', () => {
  expect(adaptiveBins(7, 7, 3).rows).toEqual([
    [0, 3],
    [2, 5],
    [4, 7],
  ])
  expect(adaptiveBins(6, 4, 2)).toEqual({
    rows: [
      [0, 3],
      [3, 6],
    ],
    columns: [
      [0, 2],
      [2, 4],
    ],
  })
})

const extents = fc.record({ B: fc.nat(2), H: fc.nat(5), W: fc.nat(5), C: fc.nat(3), out: fc.nat(4) })

test.each(['mean', 'max'] as const)('the %s of a bin is that of its elements', (reduction) => {
  fc.assert(
    fc.property(extents, fc.integer(), (sizes, seed) => {
      const [B, H, W, C, out] = [sizes.B + 1, sizes.H + 1, sizes.W + 1, sizes.C + 1, sizes.out + 1]
      const x = tensor(
        Float32Array.from({ length: B * H * W * C }, (_, i) => Math.sin(seed + i)),
        [B, H, W, C],
      )
      const bins = adaptiveBins(H, W, out)
      const pooled = rules.pool(x, bins, reduction)
      expect(pooled.shape).toEqual([B, out, out, C])
      for (let i = 0; i < pooled.size; i++) {
        const [b, r, c, channel] = [
          Math.floor(i / (out * out * C)),
          Math.floor(i / (out * C)) % out,
          Math.floor(i / C) % out,
          i % C,
        ]
        const elements: number[] = []
        for (let row = bins.rows[r][0]; row < bins.rows[r][1]; row++) {
          for (let column = bins.columns[c][0]; column < bins.columns[c][1]; column++) {
            elements.push(x.get(b, row, column, channel))
          }
        }
        const expected =
          reduction === 'max'
            ? Math.max(...elements)
            : elements.reduce((sum, value) => sum + value, 0) / elements.length
        expect(pooled.data[i]).toBe(Math.fround(expected))
      }
    }),
  )
})

test('bins outside the map and empty bins are refused', () => {
  const x = tensor(new Float32Array(4), [2, 2, 1])
  const columns = [[0, 2]] as const
  expect(() => rules.pool(x, { rows: [[0, 3]], columns }, 'max')).toThrow(ShapeError)
  expect(() => rules.pool(x, { rows: [[1, 1]], columns }, 'max')).toThrow(ShapeError)
  expect(() => rules.pool(x, { rows: [[-1, 1]], columns }, 'max')).toThrow(ShapeError)
})

test('a slice is the places from start to end of its axis', () => {
  const x = tensor(
    Float32Array.from({ length: 24 }, (_, i) => i),
    [2, 3, 4],
  )
  expect([...rules.slice(x, 1, 1, 3).data]).toEqual([
    4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23,
  ])
  expect([...rules.slice(x, -1, 3, 4).data]).toEqual([3, 7, 11, 15, 19, 23])
  expect(rules.slice(x, 0, 1, 1).shape).toEqual([0, 3, 4])
  expect(() => rules.slice(x, -1, 3, 5)).toThrow(
    'slice: x: expected an axis 2 that holds 3 to 5, found [2, 3, 4]',
  )
})
