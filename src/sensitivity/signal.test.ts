import { expect, test } from 'vitest'
import { float64 } from '../arithmetics/float64.ts'
import { sample } from '../catalogue/sample.ts'
import { findEquation } from '../cases/names.ts'
import { mutants } from './mutants/index.ts'
import { play } from './play.ts'
import { signal, truthOf } from './signal.ts'

const question = sample(findEquation('sparsifiner/eq6'), 4, { sizes: { n: 12, d: 5 } })
const truth = truthOf(question)

function loudness(id: string): number {
  const mutant = mutants.find((each) => each.id === id)
  if (mutant === undefined) throw new TypeError(id)
  const { runtime, question: asked } = mutant.plant({ runtime: float64(), question })
  return signal(question, truth, play(runtime, asked), 'outputs')
}

test('nothing planted is silent', () => {
  expect(signal(question, truth, play(float64(), question), 'intermediates')).toBeLessThan(1e-3)
})

test('a gain is as loud as it is large', () => {
  expect(loudness('gain-2^-12') / loudness('gain-2^-17')).toBeCloseTo(32, 5)
  expect(loudness('gain-2^-17') / loudness('gain-2^-20')).toBeCloseTo(8, 5)
})

test('not a number is as loud as can be', () => {
  expect(loudness('last-element-nan')).toBe(Infinity)
})
