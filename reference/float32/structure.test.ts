import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sizeOf, tensor, type Shape, type Tensor } from '../tensor.ts'
import { concat, reshape, slice, swapAxes, windows } from './structure.ts'

/** Every element another number: a place read wrongly shows. */
const counting = (shape: Shape, from = 1): Tensor =>
  tensor(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => from + i),
    shape,
  )
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
/** An axis of `shape`, named from either end. */
const axisOf = (shape: Shape): fc.Arbitrary<{ at: number; axis: number }> =>
  fc
    .record({ at: fc.nat(shape.length - 1), fromEnd: fc.boolean() })
    .map(({ at, fromEnd }) => ({ at, axis: fromEnd ? at - shape.length : at }))

/** Every index of `shape`, in row-major order. */
function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, extent) => all.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])),
    [[]],
  )
}

test('reshape keeps the elements in their order', () => {
  const x = counting([2, 3, 4])
  const found = reshape(x, [6, 4])
  expect(found.shape).toEqual([6, 4])
  expect(found.data).toBe(x.data)
})

test('reshape refuses another number of elements', () => {
  expect(() => reshape(counting([2, 3]), [7])).toThrow(
    'reshape: x: expected as many elements as [7] has, found [2, 3]',
  )
})

test('swapAxes: out[.., i, .., j, ..] is x[.., j, .., i, ..], contiguous', () => {
  fc.assert(
    fc.property(
      shapes.chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), axisOf(shape))),
      ([shape, one, other]) => {
        const exchange = <T>(list: readonly T[]): T[] =>
          list.with(one.at, list[other.at]).with(other.at, list[one.at])
        const x = counting(shape)
        const found = swapAxes(Float64Array, x, one.axis, other.axis)
        expect(found.shape).toEqual(exchange(shape))
        expect([...found.data]).toEqual(indices(exchange(shape)).map((index) => x.get(...exchange(index))))
        expect(found.data).not.toBe(x.data)
      },
    ),
  )
})

test('concat: what stands at a place of the axis is what the operand there holds', () => {
  fc.assert(
    fc.property(
      shapes.chain((shape) =>
        fc.tuple(
          fc.constant(shape),
          axisOf(shape),
          fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
        ),
      ),
      ([shape, { at, axis }, extents]) => {
        const xs = extents.map((extent, i) => counting(shape.with(at, extent), 1000 * (i + 1)))
        const found = concat(Float64Array, xs, axis)
        const places = xs.flatMap((x) => Array.from({ length: x.shape[at] }, (_, place) => ({ x, place })))
        expect(found.shape).toEqual(shape.with(at, places.length))
        const expected = indices(found.shape).map((index) => {
          const { x, place } = places[index[at]]
          return x.get(...index.with(at, place))
        })
        expect([...found.data]).toEqual(expected)
      },
    ),
  )
})

test('concat refuses operands that differ in another axis, and says in which they may', () => {
  expect(() => concat(Float64Array, [counting([2, 3]), counting([2, 4])], -2)).toThrow(
    'concat: operand: expected [2, 3] but for axis 0, found [2, 4]',
  )
})

test('concat refuses an operand that lacks the very axis', () => {
  expect(() => concat(Float64Array, [counting([2, 3]), counting([2])], 1)).toThrow(
    'concat: operand: expected [2, 3] but for axis 1, found [2]',
  )
})

test('slice: out[.., i, ..] is x[.., start + i, ..]', () => {
  fc.assert(
    fc.property(
      shapes.chain((shape) =>
        axisOf(shape).chain((of) =>
          fc.tuple(fc.constant(shape), fc.constant(of), fc.nat(shape[of.at]), fc.nat(shape[of.at])),
        ),
      ),
      ([shape, { at, axis }, a, b]) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)]
        const x = counting(shape)
        const found = slice(Float64Array, x, axis, start, end)
        expect(found.shape).toEqual(shape.with(at, end - start))
        expect([...found.data]).toEqual(
          indices(found.shape).map((index) => x.get(...index.with(at, start + index[at]))),
        )
      },
    ),
  )
})

test('windows: window (a, b) holds at (r, c) what x holds at (rows[a] + r, columns[b] + c)', () => {
  const extents = fc.record({
    lead: fc.constantFrom<number[][]>([], [2], [2, 3]),
    H: fc.integer({ min: 1, max: 5 }),
    W: fc.integer({ min: 1, max: 5 }),
    C: fc.integer({ min: 1, max: 3 }),
  })
  const layouts = extents.chain((map) =>
    fc
      .record({ height: fc.integer({ min: 1, max: map.H }), width: fc.integer({ min: 1, max: map.W }) })
      .chain(({ height, width }) =>
        fc.record({
          map: fc.constant(map),
          height: fc.constant(height),
          width: fc.constant(width),
          rows: fc.array(fc.nat(map.H - height), { minLength: 1, maxLength: 3 }),
          columns: fc.array(fc.nat(map.W - width), { minLength: 1, maxLength: 3 }),
        }),
      ),
  )
  fc.assert(
    fc.property(layouts, ({ map: { lead, H, W, C }, height, width, rows, columns }) => {
      const x = counting([...lead, H, W, C])
      const found = windows(Float64Array, x, { rows, columns, height, width })
      expect(found.shape).toEqual([...lead, rows.length * columns.length, height, width, C])
      const expected = indices(found.shape).map((index) => {
        const [window, r, c, channel] = index.slice(-4)
        const row = rows[Math.floor(window / columns.length)] + r
        return x.get(...index.slice(0, -4), row, columns[window % columns.length] + c, channel)
      })
      expect([...found.data]).toEqual(expected)
    }),
  )
})

test.each([2, -3])('there is no axis %i in a matrix', (axis) => {
  const message = `axis ${axis}: expected an axis of x, found [2, 3]`
  const x = counting([2, 3])
  expect(() => swapAxes(Float64Array, x, axis, 0)).toThrow(`swapAxes: ${message}`)
  expect(() => swapAxes(Float64Array, x, 0, axis)).toThrow(`swapAxes: ${message}`)
  expect(() => slice(Float64Array, x, axis, 0, 1)).toThrow(`slice: ${message}`)
  expect(() => concat(Float64Array, [x, x], axis)).toThrow(`concat: ${message}`)
})
