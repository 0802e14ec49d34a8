import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hexOf, orderedIndex, ulpDistance } from './ulp.ts'

const view = new DataView(new ArrayBuffer(4))

/** The float32 of a bit pattern. */
function ofBits(bits: number): number {
  view.setUint32(0, bits)
  return view.getFloat32(0)
}

/** The next float32 above `x`, by stepping its bits. */
function above(x: number): number {
  if (x === 0) return ofBits(1)
  view.setFloat32(0, x)
  const bits = view.getUint32(0)
  return ofBits(x > 0 ? bits + 1 : bits - 1)
}

const float32s = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(ofBits)
const ordinary = float32s.filter((x) => !Number.isNaN(x))

describe('the ordered index', () => {
  test.each<[string, number, number]>([
    ['0', 0, 0],
    ['−0', -0, 0],
    ['the smallest subnormal', 2 ** -149, 1],
    ['minus that', -(2 ** -149), -1],
    ['the largest subnormal', 2 ** -126 - 2 ** -149, 0x7fffff],
    ['the smallest normal', 2 ** -126, 0x800000],
    ['1', 1, 0x3f800000],
    ['−1', -1, -0x3f800000],
    ['the largest', 3.4028234663852886e38, 0x7f7fffff],
    ['∞', Infinity, 0x7f800000],
    ['−∞', -Infinity, -0x7f800000],
    ['NaN', NaN, NaN],
    ['what rounds to 0', 2 ** -151, 0],
    ['what rounds to ∞', 1e39, 0x7f800000],
  ])('%s', (_, x, index) => expect(orderedIndex(x)).toBe(index))

  test('orders as numbers do', () => {
    fc.assert(
      fc.property(ordinary, ordinary, (a, b) => {
        expect(Math.sign(orderedIndex(a) - orderedIndex(b))).toBe(
          a === b ? 0 : Math.sign(Number(a > b) - 0.5),
        )
      }),
    )
  })

  test('grows by one from each float32 to the next', () => {
    fc.assert(
      fc.property(
        ordinary.filter((x) => x < Infinity),
        (x) => {
          expect(orderedIndex(above(x)) - orderedIndex(x)).toBe(1)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the distance in ULP', () => {
  test.each<[string, number, number, number]>([
    ['0 and −0', 0, -0, 0],
    ['neighbours of zero on either side', 2 ** -149, -(2 ** -149), 2],
    ['1 and the next', 1, 1 + 2 ** -23, 1],
    ['1 and the one before, half as far', 1, 1 - 2 ** -24, 1],
    ['across a power of two', 2 - 2 ** -23, 2 + 2 ** -22, 2],
    ['the largest and ∞', 3.4028234663852886e38, Infinity, 1],
    ['two NaN', NaN, NaN, 0],
    ['a NaN and a number', NaN, 1, NaN],
    ['a number and a NaN', 1, NaN, NaN],
    ['float64 numbers that are one float32', 0.1, Math.fround(0.1), 0],
    ['half a step above 1, to even', 1, 1 + 2 ** -24, 0],
    ['−1 and 1', -1, 1, 2 * 0x3f800000],
  ])('%s', (_, a, b, distance) => expect(ulpDistance(a, b)).toBe(distance))

  test('is how many steps DataView takes', () => {
    fc.assert(
      fc.property(ordinary, fc.nat(200), (from, steps) => {
        let to = from
        let taken = 0
        while (taken < steps && to < Infinity) {
          to = above(to)
          taken++
        }
        expect(ulpDistance(from, to)).toBe(taken)
        expect(ulpDistance(to, from)).toBe(taken)
      }),
    )
  })
})

test('bits in hex', () => {
  expect(hexOf(1)).toBe('0x3f800000')
  expect(hexOf(-0)).toBe('0x80000000')
  expect(hexOf(2 ** -149)).toBe('0x00000001')
  expect(hexOf(0.1)).toBe('0x3dcccccd')
  expect(hexOf(-Infinity)).toBe('0xff800000')
})
