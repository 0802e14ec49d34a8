import { describe, expect, test } from 'vitest'
import type { Equation } from '../catalogue/schema.ts'
import { describe as described } from './config.ts'
import { matchShapes, shapeOf } from './match-shapes.ts'
import { findEquation } from './names.ts'
import { fromReal, fromU8 } from './raw-tensor.ts'
import { coordinates, maskOf } from './read-case.ts'
import { didYouMean, hintFor } from './suggest.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `name ${i + 1}`)

describe('hints', () => {
  test('spell out up to twelve names', () => {
    expect(hintFor('?', names(12))).toBe(`known: ${names(12).join(', ')}`)
    expect(hintFor('?', names(13))).toBe('"touchstone list" shows them')
    expect(hintFor('?', names(13), '"more"')).toBe('"more" shows them')
    expect(hintFor('?', [])).toBe('there are none')
  })

  test('name what differs by a third of its letters, or by two', () => {
    expect(didYouMean('param.attn.q.w', ['param.attn.q.weight'])).toBe('did you mean "param.attn.q.weight"?')
    expect(didYouMean('xyz', ['x'])).toBe('did you mean "x"?')
    expect(didYouMean('wxyz', ['x'])).toBeUndefined()
    expect(didYouMean('x', [])).toBeUndefined()
  })

  test('whatever the case of letters, and one of them in common', () => {
    expect(didYouMean('ws', ['H', 'W'])).toBe('did you mean "W"?')
    expect(didYouMean('ws', ['H', 'C'])).toBeUndefined()
    expect(didYouMean('OUTPUT.S', ['input.X', 'output.S'])).toBe('did you mean "output.S"?')
  })
})

test.each([
  [{ kind: 'number' }, 'a finite number'],
  [{ kind: 'number', max: 1 }, 'a finite number ≤ 1'],
  [{ kind: 'number', min: 0, max: 1 }, 'a finite number ≥ 0 and ≤ 1'],
  [{ kind: 'number', min: 0, above: true }, 'a finite number > 0'],
  [{ kind: 'integer', min: 3 }, 'an integer ≥ 3'],
  [{ kind: 'choice', choices: ['a', 'b'], default: 'a' }, '"a" or "b"'],
] as const)('%o is %s', (spec, expected) => {
  expect(described({ about: '', ...spec })).toBe(expected)
})

describe('extents', () => {
  const sizes = { n: 2, C2: 3 }
  /** An equation of inputs with these dimensions. */
  const withInputs = (...dims: string[]): Equation => ({
    ...findEquation('sparsifiner/eq2'),
    inputs: Object.fromEntries(dims.map((dim, i) => [`x${i}`, { dims: [dim], fill: 'tokens' }])),
  })
  const match = (equation: Equation, ...extents: number[]): unknown =>
    matchShapes(equation, new Map(extents.map((extent, i) => [`input.x${i}`, [extent]])), {})

  test('a shape is put together from leading dimensions, sizes and numbers', () => {
    expect(shapeOf({ dims: ['..', 'n·n', '16'] }, { lead: [5, 7], sizes })).toEqual([5, 7, 4, 16])
  })

  test('are taken from shapes, and so are leading dimensions', () => {
    const batched: Equation = {
      ...findEquation('sparsifiner/eq2'),
      inputs: { x0: { dims: ['..', 'n'], fill: 'tokens' } },
    }
    expect(matchShapes(batched, new Map([['input.x0', [2, 3, 4]]]), {})).toEqual({
      lead: [2, 3],
      sizes: { n: 4 },
    })
    expect(match(withInputs('n', 'm'), 2, 3)).toEqual({ lead: [], sizes: { n: 2, m: 3 } })
  })

  test('that nothing gives a value are the catalogue’s fault', () => {
    const message = 'the catalogue leaves the extent a·b of'
    expect(() => shapeOf({ dims: ['a·b'] }, { lead: [], sizes })).toThrow(`${message} [a·b] open`)
    expect(() => match(withInputs('a·b'), 2)).toThrow(`${message} input.x0 open`)
  })

  test('that are numbers have no origin to tell', () => {
    expect(() => match(withInputs('16'), 4)).toThrow('input.x0: expected shape [16], found [4] (axis 0 is 4)')
  })

  test('end in a digit and are symbols nevertheless', () => {
    expect(() => match(withInputs('C2', 'C2'), 3, 4)).toThrow(
      'input.x1: expected shape [C2] with C2 = 3 from input.x0, found [4] (axis 0 is 4)',
    )
  })
})

describe('masks', () => {
  test.each([
    ['U8', fromU8(Uint8Array.of(0, 1), [2])],
    ['F32', fromReal(Float32Array.of(0, 1), [2])],
    ['F64', fromReal(Float64Array.of(0, 1), [2])],
  ])('in %s', (_, raw) => {
    expect(maskOf(raw)).toEqual({ data: Uint8Array.of(0, 1), stray: undefined })
  })

  test('with something else in them', () => {
    expect(maskOf(fromReal(Float64Array.of(0, 1, 0.5), [3])).stray).toEqual({ index: 2, value: 0.5 })
  })
})

test('coordinates are row-major', () => {
  expect(coordinates(17, [2, 3, 4])).toBe('[1, 1, 1]')
  expect(coordinates(0, [])).toBe('[]')
})
