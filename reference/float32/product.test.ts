import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../src/random.ts'
import type { Real, RealConstructor } from '../tensor.ts'
import { product } from './product.ts'

function reals(Storage: RealConstructor, length: number, seed: number): Real {
  const stream = random(seed)
  const values = new Storage(length)
  for (let i = 0; i < length; i++) values[i] = stream.normal()
  return values
}

/** The definition: one sum after another, the bias last, one rounding. */
function naive(
  out: Real,
  outStart: number,
  a: Real,
  aStart: number,
  b: Real,
  bStart: number,
  n: number,
  k: number,
  m: number,
  transposed: boolean,
  bias?: Real,
): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0
      for (let p = 0; p < k; p++) {
        sum += a[aStart + i * k + p] * b[bStart + (transposed ? j * k + p : p * m + j)]
      }
      out[outStart + i * m + j] = bias ? sum + bias[j] : sum
    }
  }
}

const storages = [Float32Array, Float64Array]

test('is the definition, bit for bit, whatever the shape, the storage and the starts', () => {
  const extent = fc.integer({ min: 0, max: 21 })
  const storage = fc.constantFrom(...storages)
  fc.assert(
    fc.property(
      fc.record({ n: extent, k: extent, m: extent, start: fc.nat(3), seed: fc.nat() }),
      fc.record({ out: storage, a: storage, b: storage }),
      fc.boolean(),
      fc.boolean(),
      ({ n, k, m, start, seed }, { out: Out, a: A, b: B }, transposed, biased) => {
        const a = reals(A, start + n * k, seed)
        const b = reals(B, start + k * m, seed + 1)
        const bias = biased ? reals(B, m, seed + 2) : undefined
        // what lies around the result must stay as it was
        const [found, expected] = [new Out(n * m + 9).fill(7), new Out(n * m + 9).fill(7)]
        product(found, 4, a, start, b, start, n, k, m, transposed, bias)
        naive(expected, 4, a, start, b, start, n, k, m, transposed, bias)
        expect(found).toEqual(expected)
      },
    ),
    { numRuns: 400 },
  )
})

// several blocks of rows, of which the last is ragged; one row; one column; long sums
test.each([
  [130, 2100, 5],
  [1, 700, 40],
  [61, 3, 1],
  [197, 64, 197],
])('is the definition at %i × %i × %i', (n, k, m) => {
  for (const Storage of storages) {
    for (const transposed of [false, true]) {
      const [a, b] = [reals(Storage, n * k, 1), reals(Storage, k * m, 2)]
      // what follows the last rows must stay as it was
      const [found, expected] = [new Storage(2 * n * m).fill(7), new Storage(2 * n * m).fill(7)]
      product(found, 0, a, 0, b, 0, n, k, m, transposed)
      naive(expected, 0, a, 0, b, 0, n, k, m, transposed)
      expect(found).toEqual(expected)
    }
  }
})

test.each([false, true])('infinities leave no trace in the next product, transposed: %s', (transposed) => {
  const infinite = new Float32Array(8).fill(Infinity)
  product(new Float32Array(8), 0, infinite, 0, infinite, 0, 4, 2, 2, transposed)
  const out = new Float32Array(8)
  const ones = Float32Array.of(1, 1, 1, 1)
  product(out, 0, ones, 0, ones, 0, 4, 1, 2, transposed)
  expect([...out]).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
})

test('a sum of no terms is the bias', () => {
  const out = new Float32Array(4)
  product(out, 0, out, 0, out, 0, 2, 0, 2, false, Float32Array.of(1, 2))
  expect([...out]).toEqual([1, 2, 1, 2])
})

test('rounds once: terms below the float32 spacing add up', () => {
  const tiny = 2 ** -25
  const out = new Float32Array(1)
  product(
    out,
    0,
    Float32Array.of(1, tiny, tiny),
    0,
    Float32Array.of(1, 1, 1),
    0,
    1,
    3,
    1,
    false,
    Float32Array.of(tiny),
  )
  expect(out[0]).toBe(Math.fround(1 + 3 * tiny))
  expect(out[0]).toBeGreaterThan(1)
})
