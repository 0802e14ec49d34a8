import { describe, expect, test } from 'vitest'
import { withRule } from '../../reference/arithmetic.ts'
import { float32 } from '../../reference/float32/index.ts'
import { laboratory, LawBroken } from './index.ts'
import { NORMED, ofTinyVariance, tinyVarianceLaws } from './tiny-variance.ts'

const trial = { seed: 5, largest: 3 }
const sound = float32()

/** The reference with ε of 1e-5 in its norm number `at`, the others as they should be; and how many there were. */
function withEpsilonIn(at: number): { evaluator: typeof sound; norms(): number } {
  let count = 0
  const rules = withRule(sound.rules, {
    layerNorm: (x, weight, bias, eps) => sound.rules.layerNorm(x, weight, bias, count++ === at ? 1e-5 : eps),
  })
  return { evaluator: { ...sound, rules }, norms: () => count }
}

describe.each(NORMED.map((id, i) => [id, tinyVarianceLaws[i]] as const))('%s', (id, law) => {
  const counted = withEpsilonIn(-1)
  const lab = laboratory(counted.evaluator)
  lab.answer(ofTinyVariance(lab, id, trial))
  const norms = counted.norms()

  test('has norms', () => {
    expect(norms).toBeGreaterThan(0)
    law.holds(laboratory(sound), trial)
  })

  test.each(Array.from({ length: norms }, (_, i) => i))('ε of 1e-5 in its norm %i alone is noticed', (at) => {
    const planted = laboratory(withEpsilonIn(at).evaluator)
    expect(() => law.holds(planted, trial)).toThrow(LawBroken)
  })
})
