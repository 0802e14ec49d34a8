import { describe, expect, test } from 'vitest'
import { sizeOf, type Shape } from '../../../reference/tensor.ts'
import { random } from '../../random.ts'
import { arrangementOf, type Arranged } from './index.ts'

const SHAPE = [2, 5, 12]

function drawn(seed: number, shape: Shape = SHAPE): Float64Array {
  const source = random(seed)
  return Float64Array.from({ length: sizeOf(shape) }, () => source.normal())
}

const v = drawn(1)

/** What is said of a tensor that should be `v`, each element known within 1e-6. */
function said(found: ArrayLike<number>, more: Partial<Arranged> = {}): ReturnType<typeof arrangementOf> {
  const error = (i: number): number => found[i] - v[i]
  return arrangementOf({
    shape: SHAPE,
    axes: ['batch', 'Ns', 'C'],
    found: Float32Array.from(found),
    isMask: false,
    isFloat32: true,
    expected: [v],
    deviations: (i) => error(i) / 1e-7,
    isOff: (i) => !(Math.abs(error(i)) <= 1e-6),
    others: new Map(),
    ...more,
  })
}

/** v with the element at a place taken from another. */
function from(place: (b: number, n: number, c: number) => number): Float64Array {
  return v.map((_, i) => v[place(Math.floor(i / 60), Math.floor(i / 12) % 5, i % 12)] ?? 7)
}

describe('a failed tensor that is the right one otherwise', () => {
  const written = new Float64Array(120)
  v.forEach((value, i) => {
    written[Math.floor(i / 60) + 2 * (Math.floor(i / 12) % 5) + 10 * (i % 12)] = value
  })
  test.each([
    ['0 throughout', new Float64Array(120)],
    ['0.0625 throughout', new Float64Array(120).fill(1 / 16)],
    ['the negative of what it should be', v.map((x) => -x)],
    ['0.5 times what it should be', v.map((x) => x / 2)],
    ['what it should be with Ns in reverse', from((b, n, c) => b * 60 + (4 - n) * 12 + c)],
    ['what it should be moved on by one along C', from((b, n, c) => b * 60 + n * 12 + ((c + 11) % 12))],
    ['what it should be moved back by one along Ns', from((b, n, c) => b * 60 + ((n + 1) % 5) * 12 + c)],
    ['what it should be at batch 0, for every batch', from((_, n, c) => n * 12 + c)],
    ['what it should be one element too late in memory', from((b, n, c) => b * 60 + n * 12 + c - 1)],
    ['what it should be written in column-major (Fortran) order', written],
    [
      'what it should be with the bytes of each number in the other order',
      v.map((x) => {
        const view = new DataView(new ArrayBuffer(4))
        view.setFloat32(0, x, true)
        return view.getFloat32(0)
      }),
    ],
  ])('is said to be %s', (says, found) => {
    expect(said(found)).toEqual({ says: `it is ${says}`, kind: 'whole' })
  })

  test('is said to be another tensor of the case', () => {
    const other = drawn(2)
    expect(said(other, { others: new Map([['what A_g should be', other]]) })?.says).toBe(
      'it is what A_g should be',
    )
  })

  test('as a mask is said to be inverted', () => {
    const mask = v.map((x) => Number(x > 0))
    const inverted = mask.map((x) => 1 - x)
    expect(said(inverted, { expected: [mask], isMask: true })?.says).toBe('it is what it should be inverted')
  })
})

describe('a failed tensor that is wrong in one part', () => {
  test('and 0 there: a tile that nobody wrote', () => {
    const lost = v.map((x, i) => (i < 48 && i % 12 >= 4 && i % 12 < 8 ? 0 : x))
    expect(said(lost)).toEqual({ says: 'off at [0, 0…3, 4…7] alone, where it is 0', kind: 'part' })
  })

  test.each([
    ['[:, 4, :]', (i: number) => Math.floor(i / 12) % 5 === 4],
    ['[:, :, 0 3 7]', (i: number) => [0, 3, 7].includes(i % 12)],
  ])('%s', (says, isThere) => {
    expect(said(v.map((x, i) => (isThere(i) ? x + 1 : x)))?.says).toBe(`off at ${says} alone`)
    expect(said(v.map((x, i) => (isThere(i) ? NaN : x)))?.says).toBe(`off at ${says} alone`)
  })

  test('is not said again where that is one element', () => {
    expect(said(v.map((x, i) => (i === 87 ? x + 1 : x)))?.says).toBe('every other element is right')
  })

  test('is not said where the rest is no noise either', () => {
    const found = v.map((x, i) => (i === 87 ? x + 1 : x + 5e-7 * (i % 2 === 0 ? 1 : -1)))
    expect(said(found)).toBeUndefined()
  })
})

test('numbers of a short format are said to be that, if files are in float32', () => {
  const found = v.map((x) => Math.round(x * 256) / 256)
  expect(said(found)?.says).toBe('all its elements are float16 numbers')
  expect(said(found, { isFloat32: false })).toBeUndefined()
})

test('what is like nothing is said to be, what is only wrong is not', () => {
  expect(said(drawn(3))).toMatchObject({ kind: 'unlike' })
  expect(said(v.map((x, i) => x + 0.3 * Math.sin(i * i)))).toBeUndefined()
})
