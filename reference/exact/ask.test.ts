import { describe, expect, test } from 'vitest'
import { askOf, eachItem, stackedByName, type Ask, type Named } from './ask.ts'
import { exactAnswer } from './answer.ts'
import { gridOf, type Grid } from './grid.ts'
import { inside, insideStack, numbersNamed, placesOf, renamed } from './inside.ts'
import { exactly, type Ball } from './numbers/ball.ts'
import { questionOf } from './testing.ts'

const tensors = {
  'input.x': [[1, 2], [3, 4]],
  'input.M': [true, false],
  'param.w': [5],
  'param.part.w': [[6], [7]],
} // prettier-ignore
const ask = askOf(questionOf('stvit/eq1', tensors, { heads: 2, mode: 'a' }), 32)
/** Numbers and a mask of it, by name. */
const named = (of: Ask): Named =>
  new Map<string, Grid<Ball> | Grid<boolean>>([
    ['x', of.input('x')],
    ['M', of.mask('M')],
  ])
const plain = ({ values }: { readonly values: readonly Ball[] }): number[] =>
  values.map(({ value }) => value.toNumber())

describe('a question is read', () => {
  test('by name', () => {
    expect(plain(ask.input('x'))).toEqual([1, 2, 3, 4])
    expect(ask.input('x').values[0].digits).toBe(32)
    expect(ask.floats('x').values).toEqual([1, 2, 3, 4])
    expect(ask.mask('M').values).toEqual([true, false])
    expect(plain(ask.param('w'))).toEqual([5])
    expect(ask.paramFloats('w').values).toEqual([5])
    expect([ask.hasParam('w'), ask.hasParam('v')]).toEqual([true, false])
    expect(ask.constant(0.5).value.toNumber()).toBe(0.5)
  })

  test('numbers once', () => {
    expect(ask.input('x')).toBe(ask.input('x'))
    expect(ask.param('w')).toBe(ask.param('w'))
  })

  test('config with what is left out', () => {
    expect([ask.number('heads'), ask.number('eps', 3), ask.optionalNumber('eps')]).toEqual([2, 3, undefined])
    expect([ask.choice('mode', 'b'), ask.choice('other', 'b')]).toEqual(['a', 'b'])
  })

  test.each([
    [() => ask.input('y'), 'stvit/eq1: expected input.y, found nothing'],
    [() => ask.mask('x'), 'input.x: expected a mask, found numbers'],
    [() => ask.input('M'), 'input.M: expected numbers, found a mask'],
    [() => ask.number('eps'), 'config.eps: expected a number, found nothing'],
    [() => ask.number('mode', 1), 'config.mode: expected a number, found "a"'],
    [() => exactAnswer(questionOf('stvit/eq7', {})), 'exact: expected a known equation, found "stvit/eq7"'],
  ])('or not: %#', (read, message) => {
    expect(read).toThrow(message)
  })
})

describe('items along the leading dimensions', () => {
  const batched = askOf({ ...questionOf('stvit/eq1', tensors), lead: [2] }, 32)

  test('have inputs of their own, and share params', () => {
    const seen = eachItem(batched, (item): Named => {
      expect(item.lead).toEqual([])
      expect(item.floats('x').values).toEqual(plain(item.input('x')))
      expect(item.mask('M').shape).toEqual([])
      expect(item.param('w')).toBe(batched.param('w'))
      expect(item.input('x')).toBe(item.input('x'))
      return named(item)
    })
    expect([...seen.keys()]).toEqual(['x', 'M'])
    expect(seen.get('x')?.shape).toEqual([2, 2])
    expect(plain(numbersNamed(seen, 'x'))).toEqual([1, 2, 3, 4])
    expect(seen.get('M')?.values).toEqual([true, false])
  })

  test('name the same', () => {
    expect(() => stackedByName([2], [named(ask), new Map()], 'x')).toThrow('x: expected it in every item')
  })
})

describe('a part of a question', () => {
  const part = inside(ask, 'part.', { z: ask.input('x') })

  test('has its params under a prefix, and inputs of its own', () => {
    expect(plain(part.param('w'))).toEqual([6, 7])
    expect(part.paramFloats('w').values).toEqual([6, 7])
    expect([part.hasParam('w'), part.hasParam('v')]).toEqual([true, false])
    expect(part.input('z')).toBe(ask.input('x'))
    expect(() => part.input('x')).toThrow('part.: expected input x, found nothing')
    expect(() => inside(ask, 'part.').input('toString')).toThrow(RangeError)
  })

  test('takes one layer of a stack', () => {
    const layer = insideStack(ask, 'part.', 1)
    expect(layer.param('w').shape).toEqual([1])
    expect(plain(layer.param('w'))).toEqual([7])
  })

  test('names its tensors under a prefix, but for what it hides', () => {
    expect([...renamed('part.', named(ask), ['x']).keys()]).toEqual(['part.M'])
    expect(() => numbersNamed(named(ask), 'M')).toThrow('expected numbers called M')
    expect(() => numbersNamed(named(ask), 'y')).toThrow('expected numbers called y')
    expect(numbersNamed(named(ask), 'x')).toBe(ask.input('x'))
  })

  test('sees the places of a map as tokens', () => {
    const map = gridOf([2, 3, 1], [1, 2, 3, 4, 5, 6].map((x) => exactly(x, 32))) // prettier-ignore
    expect(placesOf(map).shape).toEqual([6, 1])
    expect(plain(placesOf(map))).toEqual([1, 2, 3, 4, 5, 6])
  })
})
