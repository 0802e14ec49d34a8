import { describe, expect, test, vi } from 'vitest'
import { catalogue } from '../../src/catalogue/index.ts'
import { sample } from '../../src/catalogue/sample.ts'
import { exactAnswer } from './answer.ts'
import type { ExactQuestion } from './ask.ts'
import { estimatedSeconds } from './cost.ts'
import { Ball } from './numbers/ball.ts'
import type * as Functions from './numbers/functions.ts'
import { questionOf } from './testing.ts'

/** Seconds of what is done, by the figures of `cost.ts`. */
const work = vi.hoisted(() => ({ seconds: 0 }))

vi.mock('./numbers/functions.ts', async (original) => {
  const actual = await original<typeof Functions>()
  const counted =
    (f: (x: Ball) => Ball, seconds: number) =>
    (x: Ball): Ball => {
      work.seconds += seconds
      return f(x)
    }
  return {
    exp: counted(actual.exp, 150e-6),
    gelu: counted(actual.gelu, 520e-6),
    sqrt: counted(actual.sqrt, 70e-6),
    log1p: counted(actual.log1p, 280e-6),
  }
})

const { times, dividedBy } = Ball.prototype
Ball.prototype.times = function (other) {
  work.seconds += 2e-6
  return times.call(this, other)
}
Ball.prototype.dividedBy = function (other) {
  work.seconds += 11e-6
  return dividedBy.call(this, other)
}

function countedSeconds(question: ExactQuestion): number {
  work.seconds = 0
  for (const found of exactAnswer(question, { digits: 16 }).values()) {
    if (found.kind === 'dense') work.seconds += 40e-6 * found.values.length
  }
  return work.seconds
}

/** Estimated from above: half a mask may be empty, a target zero, a window cut short by the edge. */
const GENEROUS = new Set([
  'sparsifiner/eq4',
  'sparsifiner/eq5',
  'sparsifiner/eq7',
  'sparsifiner/eq9',
  'sparsifiner/linformer',
  'stvit/adaptive-average-pooling',
  'stvit/adaptive-max-pooling',
  'stvit/classifier',
  'stvit/local-cross-attention',
  'stvit/patch-embedding',
])

/** Nobody waits for that. */
const NOTHING = 3e-4

describe('the estimate is what is counted while answering:', () => {
  test.each(catalogue.map((equation) => [equation.id, equation] as const))('%s', (id, equation) => {
    for (const seed of [1, 2, 3]) {
      const question = sample(equation, seed, { largest: 5 })
      const [estimated, counted] = [estimatedSeconds(question), countedSeconds(question)]
      expect(estimated).toBeGreaterThan(0.8 * counted)
      expect(estimated).toBeLessThan((GENEROUS.has(id) ? 3 : 1.35) * counted + NOTHING)
    }
  })

  test('more bins than places', () => {
    const question = questionOf('stvit/adaptive-max-pooling', { 'input.X': [[[1, 2]]] }, { out: 30 })
    expect(estimatedSeconds(question)).toBeGreaterThan(0.8 * countedSeconds(question))
  })
})

test('three times as long with twice the digits, no shorter with fewer than 64', () => {
  const question = questionOf('sparsifiner/eq6', { 'input.A_sparse': [[2]], 'input.V': [[3]] })
  const seconds = estimatedSeconds(question)
  expect(seconds).toBeCloseTo(42e-6, 12)
  expect(estimatedSeconds(question, 256)).toBeCloseTo(9 * seconds, 12)
  expect(estimatedSeconds(question, 32)).toBe(seconds)
})

test('what cannot be estimated says why', () => {
  expect(() => estimatedSeconds(questionOf('stvit/eq7', {}))).toThrow(
    'exact: expected a known equation, found "stvit/eq7"',
  )
  expect(() => estimatedSeconds(questionOf('sparsifiner/eq6', {}))).toThrow('expected input.V, found nothing')
})
