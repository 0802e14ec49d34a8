import { expect, test } from 'vitest'
import { tensor } from '../../../reference/tensor.ts'
import { compareDense } from './compare-dense.ts'

const n = 512
const v = tensor(
  Float64Array.from({ length: n }, (_, i) => 1 + i / n),
  [n],
)
const all = (value: number): typeof v => tensor(new Float64Array(n).fill(value), [n])
const gain = (factor: number): typeof v =>
  tensor(
    v.data.map((x) => x * factor),
    [n],
  )

test('what elements share is asked where a suspicion hangs on it, and not of what is proved', () => {
  let asked = 0
  const shared = (): { noise: []; curves: [] } => {
    asked++
    return { noise: [], curves: [] }
  }
  const verdictOf = (factor: number): string =>
    compareDense({ v, b: all(1e-4), s2: all(1e-12) }, gain(factor), undefined, 'all', shared).verdict
  expect([verdictOf(1), asked]).toEqual(['pass', 0])
  expect([verdictOf(1 + 2e-6), asked > 0]).toEqual(['suspect', true])
  asked = 0
  expect([verdictOf(1.1), asked]).toEqual(['fail', 0])
})
