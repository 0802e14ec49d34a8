import { describe, expect, test } from 'vitest'
import type { Kinds } from '../arithmetic.ts'
import type { Evaluator } from '../evaluator.ts'
import { tensor } from '../tensor.ts'
import { float32, float32Dense, type Work } from './index.ts'

const x = tensor(Float64Array.of(0, 0.1, -0, 0, -2, 3), [2, 3])
const bits = { shape: [2, 3], data: Uint8Array.of(0, 1, 1, 0, 0, 1) }
const rounded = [0, Math.fround(0.1), 0, 0, -2, 3]

/** What goes in comes out rounded to float32, and names change nothing on the way. */
function roundTrips<K extends Kinds>({
  rules,
  dense,
  sparse,
  mask,
  readDense,
  readSparse,
  readMask,
}: Evaluator<K>): void {
  const [d, s, m] = [dense(x), sparse(x), mask(bits)]
  expect(Array.from(readDense(d).data, (value) => value + 0)).toEqual(rounded)
  expect(Array.from(readSparse(s).data, (value) => value + 0)).toEqual(rounded)
  expect([...readSparse(s).shape]).toEqual([2, 3])
  expect(readMask(m)).toEqual(bits)
  expect(rules.expose('d', d)).toBe(d)
  expect(rules.exposeSparse('s', s)).toBe(s)
  expect(rules.exposeMask('m', m)).toBe(m)
  expect(rules.scope('inside', () => 7)).toBe(7)
  expect(rules.composite('attention', { q: d, k: d, v: d, factor: 1 }, () => d)).toBe(d)
  // the three that are held, over the mask: 0.1 alone, and 3 alone
  const held = rules.maskedSoftmax(m, s)
  const [, first, second, , , third] = readSparse(held).data
  expect([first + second, third]).toEqual([expect.closeTo(1, 6), 1])
}

test('compressed rows', () => roundTrips(float32()))
test('whole rows', () => roundTrips(float32Dense()))

describe('zeros', () => {
  test('are not held in compressed rows, whichever way they got in', () => {
    const { rules, dense, sparse } = float32()
    expect([...rules.compress(dense(x)).values]).toEqual([Math.fround(0.1), -2, 3])
    expect([...sparse(x).values]).toEqual([Math.fround(0.1), -2, 3])
  })

  test('are held by no whole row either', () => {
    const { rules, dense, sparse } = float32Dense()
    expect([...rules.compress(dense(x)).kept]).toEqual([0, 1, 0, 0, 1, 1])
    expect([...sparse(x).kept]).toEqual([0, 1, 0, 0, 1, 1])
  })

  test('cost no products', () => {
    const work: Work = { multiplyAdds: 0 }
    const { rules, dense } = float32(work)
    rules.sparseMatmulDense(rules.compress(dense(x)), dense(tensor(new Float64Array(6), [3, 2])))
    expect(work.multiplyAdds).toBe(3 * 2)
  })
})

describe('softmax over a mask', () => {
  const { rules, dense, mask, readSparse } = float32()
  const logits = tensor(Float64Array.of(1, 5, 0), [1, 3])

  test('takes part in what the mask says, not in what the logits hold', () => {
    const kept = mask({ shape: [1, 3], data: Uint8Array.of(1, 0, 1) })
    const p = readSparse(rules.maskedSoftmax(kept, rules.compress(dense(logits)))).data
    expect([...p]).toEqual([expect.closeTo(Math.E / (1 + Math.E), 6), 0, expect.closeTo(1 / (1 + Math.E), 6)])
  })

  test('and goes on with logits that the same mask made', () => {
    const kept = mask({ shape: [1, 3], data: Uint8Array.of(1, 0, 1) })
    const p = readSparse(rules.maskedSoftmax(kept, rules.select(kept, dense(logits)))).data
    expect([...p]).toEqual([expect.closeTo(Math.E / (1 + Math.E), 6), 0, expect.closeTo(1 / (1 + Math.E), 6)])
  })
})
