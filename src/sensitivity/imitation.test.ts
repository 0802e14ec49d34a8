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

/** Signal, and distance from the nearest legal runtime, of a bug; in STViT’s Eq. (5) unless said. */
function heard(
  { plant }: Pick<Mutant, 'plant'>,
  seed: number,
  exposure: Exposure,
  id = 'stvit/eq5',
): readonly [number, number] {
  const { question } = drawn(findEquation(id), seed)
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
  for (const legal of [high(1), high(-0.5), low(1)]) {
    const [loud, beyond] = heard(legal, 700_003, exposure)
    expect(loud).toBeGreaterThan(1)
    expect(beyond / loud).toBeLessThan(1e-3)
  }
})

test.each(EXPOSURES)('2 ULP are 2·2⁻²³ of a value only where that is a power of two: %s', (exposure) => {
  const [loud, beyond] = heard(high(2), 700_003, exposure)
  expect(beyond / loud).toBeGreaterThan(0.4)
})

test.each(EXPOSURES)('of what is more than they may, the rest is left: %s', (exposure) => {
  const [loud, beyond] = heard(high(8), 700_003, exposure)
  expect(beyond / loud).toBeGreaterThan(0.5)
  expect(beyond / loud).toBeLessThan(0.875 + 1e-3)
})

test('a temperature 1e-6 too large is imitated in outputs, one of 1e-4 is not', () => {
  const mutant = mutants.find((each) => each.id === 'temperature-1e-6')
  if (mutant === undefined) throw new TypeError('temperature-1e-6')
  const [loud, beyond] = heard(mutant, 700_005, 'outputs', 'stvit/eq1')
  expect(loud).toBeGreaterThan(8)
  expect(beyond).toBeLessThan(6)
  // where 2 ULP of rsqrt are not enough for it the directions see it
  expect(heard(mutant, 700_002, 'outputs')[1]).toBeGreaterThan(6)
  expect(heard(low(-800), 700_001, 'outputs')[1]).toBeGreaterThan(1000)
})

test('nothing legal explains the tanh form of GELU', () => {
  const tanh = mutants.find(({ id }) => id === 'tanh-gelu')
  if (tanh === undefined) throw new TypeError('tanh-gelu')
  const [loud, beyond] = heard(tanh, 700_001, 'outputs')
  expect(beyond / loud).toBeGreaterThan(0.8)
})

test('what rounds to a shown tensor may be gone on with: of predictions this near, nobody knows which way round KL was taken', () => {
  const swapped = mutants.find(({ id }) => id === 'other-direction')
  if (swapped === undefined) throw new TypeError('no such mutant')
  const [loud, beyond] = heard(swapped, 1_000_010, 'intermediates', 'sparsifiner/eq9')
  expect(loud).toBeGreaterThan(60)
  expect(beyond).toBeLessThan(6)
  const [, farApart] = heard(swapped, 700_004, 'intermediates', 'sparsifiner/eq9')
  expect(farApart).toBeGreaterThan(6)
})
