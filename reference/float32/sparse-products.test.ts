import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ShapeError } from '../shape-error.ts'
import { sizeOf, tensor, type Real, type Shape, type Tensor } from '../tensor.ts'
import { product } from './product.ts'
import { fromDense, toDense, valuesAt } from './rows.ts'
import { sampledProduct } from './sampled-product.ts'
import { sparseDenseProduct } from './sparse-dense-product.ts'
import { sparseProduct } from './sparse-product.ts'

const storage = fc.constantFrom(Float32Array, Float64Array)
// from values that vanish or overflow in float32 products to ordinary ones, and small integers whose sums cancel
const value = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e3), max: Math.fround(1e3) }),
  fc.constantFrom(-0, 1e-30, -1e-30),
)

/** An array of `shape` about `density` of which is not zero. */
function dense(shape: Shape, density: number): fc.Arbitrary<Tensor> {
  const size = sizeOf(shape)
  return fc
    .record({
      Storage: storage,
      values: fc.array(value, { minLength: size, maxLength: size }),
      dice: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: size, maxLength: size }),
    })
    .map(({ Storage, values, dice }) => {
      const kept = values.map((v, i) => (dice[i] <= density ? v : 0))
      return tensor(new Storage(kept), shape)
    })
}

const sizes = fc.record({
  lead: fc.constantFrom<Shape[]>([], [3], [2, 2]),
  n: fc.integer({ min: 1, max: 6 }),
  k: fc.integer({ min: 1, max: 9 }),
  // beyond 32 columns a row spans several words of marks
  m: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 60, max: 70 })),
  density: fc.constantFrom(0, 0.05, 0.3, 1),
  density2: fc.constantFrom(0, 0.05, 0.3, 1),
  shared: fc.boolean(),
  transposed: fc.boolean(),
})
const pair = (transposed: boolean): fc.Arbitrary<{ x: Tensor; y: Tensor }> =>
  sizes.chain(({ lead, n, k, m, density, density2, shared }) =>
    fc.record({
      x: dense([...lead, n, k], density),
      y: dense([...(shared ? [] : lead), ...(transposed ? [m, k] : [k, m])], density2),
    }),
  )

const held = (v: number): boolean => v !== 0

/** The dense product, with the storage of `like`. */
function multiplied(x: Tensor, y: Tensor, transposed: boolean, like: Real): Tensor {
  const lead = x.shape.slice(0, -2)
  const [n, k] = x.shape.slice(-2)
  const m = y.shape.at(transposed ? -2 : -1) ?? 0
  const count = sizeOf(lead)
  const out = like instanceof Float32Array ? new Float32Array(count * n * m) : new Float64Array(count * n * m)
  for (let i = 0; i < count; i++) {
    const second = y.shape.length === 2 ? 0 : i * k * m
    product(out, i * n * m, x.data, i * n * k, y.data, second, n, k, m, transposed)
  }
  return tensor(out, [...lead, n, m])
}

describe('sparseProduct', () => {
  test('has the bits of the dense product and counts the products of held entries', () => {
    fc.assert(
      fc.property(pair(false), ({ x, y }) => {
        const work = { multiplyAdds: 5 }
        const found = sparseProduct(fromDense(x, held), fromDense(y, held), work)
        const { data, shape } = toDense(found)
        const expected = multiplied(x, y, false, x.data)
        expect(shape).toEqual(expected.shape)
        expect(data).toEqual(expected.data)
        // the product of the patterns counts the products that meet at each place
        const ones = (t: Tensor): Tensor =>
          tensor(
            Float64Array.from(t.data, (v) => (v === 0 ? 0 : 1)),
            t.shape,
          )
        const met = multiplied(ones(x), ones(y), false, new Float64Array(0)).data
        expect(work.multiplyAdds).toBe(5 + [...met].reduce((sum, count) => sum + count, 0))
      }),
      { numRuns: 300 },
    )
  })

  test('gives columns in ascending order, and none whose sum is zero', () => {
    fc.assert(
      fc.property(pair(false), ({ x, y }) => {
        const found = sparseProduct(fromDense(x, held), fromDense(y, held))
        const again = fromDense(multiplied(x, y, false, new Float64Array(0)), held)
        expect(found.pattern).toEqual(again.pattern)
      }),
    )
  })

  test('is sparse also where rows are long: a few places far apart', () => {
    const m = 5000
    const y = tensor(new Float32Array(2 * m), [2, m])
    for (const place of [0, 31, 32, 1023, 1024, 4999, m + 4096, m + 31]) y.data[place] = place + 1
    const x = tensor(Float32Array.of(1, 1), [1, 2])
    const { pattern, values } = sparseProduct(fromDense(x, held), fromDense(y, held))
    expect([...pattern.columns]).toEqual([0, 31, 32, 1023, 1024, 4096, 4999])
    expect([...values]).toEqual([1, 32 + (m + 32), 33, 1024, 1025, m + 4097, 5000])
  })

  test('holds no sum that cancels, also where rows are long', () => {
    const m = 5000
    const y = tensor(new Float32Array(2 * m), [2, m])
    for (const place of [40, 4999]) y.data[place] = 3
    for (const place of [m + 7, m + 40]) y.data[place] = -3
    const x = tensor(Float32Array.of(1, 1), [1, 2])
    const { pattern, values } = sparseProduct(fromDense(x, held), fromDense(y, held))
    expect([...pattern.columns]).toEqual([7, 4999])
    expect([...values]).toEqual([-3, 3])
  })
})

describe('sampledProduct', () => {
  test('has the bits of the dense product at the held places, k multiply-adds each', () => {
    fc.assert(
      fc.property(
        pair(true).chain(({ x, y }) =>
          fc.record({
            x: fc.constant(x),
            y: fc.constant(y),
            mask: dense([...x.shape.slice(0, -1), y.shape.at(-2) ?? 0], 0.5),
          }),
        ),
        ({ x, y, mask }) => {
          const { pattern } = fromDense(mask, held)
          const work = { multiplyAdds: 0 }
          const found = sampledProduct(pattern, x, y, work)
          const expected = valuesAt(pattern, multiplied(x, y, true, x.data))
          expect(found).toEqual(expected)
          expect(work.multiplyAdds).toBe(pattern.columns.length * (x.shape.at(-1) ?? 0))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('sparseDenseProduct', () => {
  test('has the bits of the dense product, d multiply-adds for each held entry', () => {
    fc.assert(
      fc.property(pair(false), ({ x, y }) => {
        const rows = fromDense(x, held)
        const work = { multiplyAdds: 0 }
        const { data, shape } = sparseDenseProduct(rows, y, work)
        const expected = multiplied(x, y, false, x.data)
        expect(shape).toEqual(expected.shape)
        expect(data).toEqual(expected.data)
        expect(work.multiplyAdds).toBe(rows.values.length * (y.shape.at(-1) ?? 0))
      }),
      { numRuns: 300 },
    )
  })
})

describe('shapes that do not fit', () => {
  const zeros = (...shape: number[]): Tensor => tensor(new Float32Array(sizeOf(shape)), shape)
  const rows = (...shape: number[]): ReturnType<typeof fromDense> => fromDense(zeros(...shape), held)

  test.each<[string, () => unknown, string]>([
    ['inner', () => sparseProduct(rows(2, 3), rows(4, 5)), 'sparseProduct: y: expected [3, m], found [4, 5]'],
    [
      'batch',
      () => sparseProduct(rows(7, 2, 3), rows(6, 3, 5)),
      'sparseProduct: y: expected [3, m] or [7, 3, m], found [6, 3, 5]',
    ],
    ['rank', () => sparseProduct(rows(3), rows(3, 5)), 'sparseProduct: x: expected [.., n, k], found [3]'],
    [
      'the rank of a pattern',
      () => sampledProduct(rows(3).pattern, zeros(3), zeros(3, 1)),
      'sampledProduct: pattern: expected [.., n, m], found [3]',
    ],
    [
      'queries that are a scalar',
      () => sampledProduct(rows(2, 3).pattern, zeros(), zeros(3, 4)),
      'sampledProduct: x: expected [2, k], found []',
    ],
    [
      'the rank of sparse rows',
      () => sparseDenseProduct(rows(3), zeros(3, 2)),
      'sparseDenseProduct: x: expected [.., n, m], found [3]',
    ],
    [
      'a vector for sparse rows',
      () => sparseProduct(rows(2, 3), rows(3)),
      'sparseProduct: y: expected [3, m], found [3]',
    ],
    [
      'queries',
      () => sampledProduct(rows(2, 3).pattern, zeros(3, 4), zeros(3, 4)),
      'sampledProduct: x: expected [2, k], found [3, 4]',
    ],
    [
      'keys',
      () => sampledProduct(rows(2, 3).pattern, zeros(2, 4), zeros(3, 5)),
      'sampledProduct: y: expected [3, 4], found [3, 5]',
    ],
    [
      'values',
      () => sparseDenseProduct(rows(7, 2, 3), zeros(7, 2, 4)),
      'sparseDenseProduct: y: expected [7, 3, d], found [7, 2, 4]',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(ShapeError)
    expect(run).toThrow(message)
  })
})
