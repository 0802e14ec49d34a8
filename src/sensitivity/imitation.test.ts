import { expect, test } from 'vitest'
import { float64 } from '../arithmetics/float64.ts'
import { findEquation } from '../cases/names.ts'
import { beyondLegal } from './imitation.ts'
import { mutants } from './mutants/index.ts'
import { rule, type Mutant } from './mutants/mutant.ts'
import { EXPOSURES, play, type Exposure } from './play.ts'
import { drawn } from './questions.ts'
import { signal, truthOf } from './signal.ts'
import { map } from './tensors.ts'

const ULP = 2 ** -23

/** Signal, and distance from the nearest legal runtime, of a bug in STViT Eq. (5). */
function heard(
  { plant }: Pick<Mutant, 'plant'>,
  seed: number,
  exposure: Exposure,
): readonly [number, number] {
  const { question } = drawn(findEquation('stvit/eq5'), seed)
  const planted = plant({ runtime: float64(), question })
  const bug = play(planted.runtime, planted.question)
  const truth = truthOf(question)
  return [signal(question, truth, bug, exposure), beyondLegal(question, truth, bug, exposure)]
}

/** LayerNorms whose rsqrt is high by so many ULP. */
function high(ulps: number): Mutant {
  return rule('high', 'subtle', [], '', ({ layerNorm }) => ({
    layerNorm: (x, weight, bias, eps) =>
      layerNorm(
        x,
        map(weight, (value) => value * (1 + ulps * ULP)),
        bias,
        eps,
      ),
  }))
}

/** Softmaxes whose exp is low by so many ULP for each unit of its argument. */
function low(ulps: number): Mutant {
  return rule('low', 'subtle', [], '', ({ softmax }) => ({
    softmax: (x) => softmax(map(x, (value) => value * (1 - ulps * ULP))),
  }))
}

test.each(EXPOSURES)('what legal functions may do is at no distance from them: %s', (exposure) => {
  for (const legal of [high(2), high(-1), low(2)]) {
    const [loud, beyond] = heard(legal, 700_003, exposure)
    expect(loud).toBeGreaterThan(2)
    expect(beyond / loud).toBeLessThan(1e-3)
  }
})

test.each(EXPOSURES)('of what is more than they may, the rest is left: %s', (exposure) => {
  const [loud, beyond] = heard(high(8), 700_003, exposure)
  expect(beyond / loud).toBeGreaterThan(0.5)
  expect(beyond / loud).toBeLessThan(0.75 + 1e-3)
})

test('a temperature 1e-6 too large is imitated in outputs, one of 1e-4 is not', () => {
  const of = (id: string): readonly [number, number] => {
    const mutant = mutants.find((each) => each.id === id)
    if (mutant === undefined) throw new TypeError(id)
    return heard(mutant, 700_001, 'outputs')
  }
  const [loud, beyond] = of('temperature-1e-6')
  expect(loud).toBeGreaterThan(12)
  expect(beyond).toBeLessThan(6)
  expect(heard(low(-800), 700_001, 'outputs')[1]).toBeGreaterThan(1000)
})

test('nothing legal explains the tanh form of GELU', () => {
  const tanh = mutants.find(({ id }) => id === 'tanh-gelu')
  if (tanh === undefined) throw new TypeError('tanh-gelu')
  const [loud, beyond] = heard(tanh, 700_001, 'outputs')
  expect(beyond / loud).toBeGreaterThan(0.8)
})
