import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Windows } from '../arithmetic.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../tensor.ts'
import { fullArithmetic } from './full.ts'
import { valuesOf } from './testing.ts'

const a = fullArithmetic(Float64Array)

/** Whole numbers, so that sums come out the same in any order. */
const whole = (size: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size, maxLength: size })
const wholeTensor = (shape: Shape): fc.Arbitrary<Tensor> =>
  whole(sizeOf(shape)).map((values) => tensor(Float64Array.from(values), shape))

/** Every index of a shape, in row-major order. */
function* indices(shape: Shape): Generator<number[]> {
  if (shape.length === 0) yield []
  else {
    for (let i = 0; i < shape[0]; i++) for (const rest of indices(shape.slice(1))) yield [i, ...rest]
  }
}

/** A tensor whose element at each index is `value` of it. */
function build(shape: Shape, value: (...index: number[]) => number): Tensor {
  return tensor(
    Float64Array.from(indices(shape), (index) => value(...index)),
    shape,
  )
}

function expectSame(found: Tensor, expected: Tensor): void {
  expect(found.shape).toEqual(expected.shape)
  expect(valuesOf(found).map((x) => x + 0)).toEqual(valuesOf(expected).map((x) => x + 0))
}

const extent = fc.integer({ min: 1, max: 4 })

describe('against naive loops', () => {
  test('convolve pads with zeros inside the map, channels in groups', () => {
    const cases = fc
      .record({
        B: extent,
        H: fc.integer({ min: 1, max: 5 }),
        W: fc.integer({ min: 1, max: 5 }),
        groups: fc.integer({ min: 1, max: 3 }),
        perGroup: fc.integer({ min: 1, max: 2 }),
        outPerGroup: fc.integer({ min: 1, max: 2 }),
        kh: fc.constantFrom(1, 3, 5),
        kw: fc.constantFrom(1, 3, 5),
      })
      .chain((sizes) => {
        const { B, H, W, groups, perGroup, outPerGroup, kh, kw } = sizes
        return fc.tuple(
          fc.constant(sizes),
          wholeTensor([B, H, W, groups * perGroup]),
          wholeTensor([groups * outPerGroup, perGroup, kh, kw]),
          fc.option(wholeTensor([groups * outPerGroup]), { nil: undefined }),
        )
      })
    fc.assert(
      fc.property(cases, ([{ B, H, W, groups, perGroup, outPerGroup, kh, kw }, x, weight, bias]) => {
        const expected = build([B, H, W, groups * outPerGroup], (b, r, c, o) => {
          let sum = bias?.get(o) ?? 0
          for (const [i, dr, dc] of indices([perGroup, kh, kw])) {
            const [row, column] = [r + dr - (kh - 1) / 2, c + dc - (kw - 1) / 2]
            if (row < 0 || row >= H || column < 0 || column >= W) continue
            sum +=
              x.get(b, row, column, Math.floor(o / outPerGroup) * perGroup + i) * weight.get(o, i, dr, dc)
          }
          return sum
        })
        expectSame(a.convolve(x, weight, bias, groups), expected)
      }),
    )
  })

  test('windows', () => {
    const cases = fc
      .record({ B: extent, H: fc.integer({ min: 1, max: 6 }), W: fc.integer({ min: 1, max: 6 }), C: extent })
      .chain(({ B, H, W, C }) => {
        const starts = (size: number, length: number): fc.Arbitrary<number[]> =>
          fc.array(fc.integer({ min: 0, max: size - length }), { minLength: 1, maxLength: 3 })
        const layout: fc.Arbitrary<Windows> = fc
          .tuple(fc.integer({ min: 1, max: H }), fc.integer({ min: 1, max: W }))
          .chain(([height, width]) =>
            fc.record({
              rows: starts(H, height),
              columns: starts(W, width),
              height: fc.constant(height),
              width: fc.constant(width),
            }),
          )
        return fc.tuple(wholeTensor([B, H, W, C]), layout)
      })
    fc.assert(
      fc.property(cases, ([x, layout]) => {
        const { rows, columns, height, width } = layout
        const [B, , , C] = x.shape
        const expected = build([B, rows.length * columns.length, height, width, C], (b, w, r, c, channel) =>
          x.get(b, rows[Math.floor(w / columns.length)] + r, columns[w % columns.length] + c, channel),
        )
        expectSame(a.windows(x, layout), expected)
      }),
    )
  })

  test('concat along each axis, counted from either end', () => {
    const cases = fc
      .record({
        shape: fc.array(extent, { minLength: 1, maxLength: 4 }),
        extents: fc.array(extent, { minLength: 1, maxLength: 3 }),
      })
      .chain(({ shape, extents }) =>
        fc
          .nat(shape.length - 1)
          .chain((axis) =>
            fc.tuple(
              fc.constantFrom(axis, axis - shape.length),
              fc.tuple(...extents.map((size) => wholeTensor(shape.with(axis, size)))),
            ),
          ),
      )
    fc.assert(
      fc.property(cases, ([axis, xs]) => {
        const at = axis < 0 ? axis + xs[0].shape.length : axis
        const total = xs.reduce((sum, x) => sum + x.shape[at], 0)
        const expected = build(xs[0].shape.with(at, total), (...index) => {
          let i = index[at]
          const source = xs.find((x) => {
            if (i < x.shape[at]) return true
            i -= x.shape[at]
            return false
          })
          return source?.get(...index.with(at, i)) ?? NaN
        })
        expectSame(a.concat(xs, axis), expected)
      }),
    )
  })

  test('swapAxes, counted from either end', () => {
    const cases = fc.array(extent, { minLength: 1, maxLength: 5 }).chain((shape) => {
      const axis = fc.integer({ min: -shape.length, max: shape.length - 1 })
      return fc.tuple(wholeTensor(shape), axis, axis)
    })
    fc.assert(
      fc.property(cases, ([x, axis, other]) => {
        const [i, j] = [axis, other].map((at) => (at < 0 ? at + x.shape.length : at))
        const swap = <T>(list: readonly T[]): T[] => list.with(i, list[j]).with(j, list[i])
        expectSame(
          a.swapAxes(x, axis, other),
          build(swap(x.shape), (...index) => x.get(...swap(index))),
        )
      }),
    )
  })

  test('the shorter operand is shared by the leading dimensions of the longer, whichever comes first', () => {
    const cases = fc
      .tuple(fc.array(extent, { maxLength: 2 }), fc.array(extent, { maxLength: 2 }))
      .chain(([lead, shared]) => fc.tuple(wholeTensor([...lead, ...shared]), wholeTensor(shared)))
    fc.assert(
      fc.property(cases, ([long, short]) => {
        const skipped = long.shape.length - short.shape.length
        const each = (f: (x: number, y: number) => number): Tensor =>
          build(long.shape, (...index) => f(long.get(...index), short.get(...index.slice(skipped))))
        expectSame(
          a.add(long, short),
          each((x, y) => x + y),
        )
        expectSame(
          a.add(short, long),
          each((x, y) => x + y),
        )
        expectSame(
          a.subtract(long, short),
          each((x, y) => x - y),
        )
        expectSame(
          a.subtract(short, long),
          each((x, y) => y - x),
        )
        expectSame(
          a.multiply(long, short),
          each((x, y) => x * y),
        )
        expectSame(
          a.multiply(short, long),
          each((x, y) => x * y),
        )
      }),
    )
  })

  test('matrix products share leading dimensions either way', () => {
    const cases = fc
      .record({
        lead: fc.array(extent, { maxLength: 2 }),
        n: extent,
        k: extent,
        m: extent,
        long: fc.boolean(),
      })
      .chain(({ lead, n, k, m, long }) =>
        fc.tuple(wholeTensor([...(long ? lead : []), n, k]), wholeTensor([...(long ? [] : lead), k, m])),
      )
    fc.assert(
      fc.property(cases, ([x, y]) => {
        const lead = x.shape.length > y.shape.length ? x.shape.slice(0, -2) : y.shape.slice(0, -2)
        const [n, k, m] = [x.shape[x.shape.length - 2], x.shape.at(-1) ?? 0, y.shape.at(-1) ?? 0]
        const expected = build([...lead, n, m], (...index) => {
          const [batch, i, j] = [index.slice(0, -2), index[index.length - 2], index[index.length - 1]]
          const at = (t: Tensor, ...rest: number[]): number =>
            t.get(...(t.shape.length === 2 ? rest : [...batch, ...rest]))
          return Array.from({ length: k }, (_, p) => at(x, i, p) * at(y, p, j)).reduce((s, t) => s + t, 0)
        })
        expectSame(a.matmul(x, y), expected)
        expectSame(a.matmulTransposed(x, a.swapAxes(y, -1, -2)), expected)
      }),
    )
  })
})
