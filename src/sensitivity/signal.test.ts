import { expect, test } from 'vitest'
import { float64 } from '../arithmetics/float64.ts'
import { sample } from '../catalogue/sample.ts'
import { findEquation } from '../cases/names.ts'
import { probeQuestion, probesFor } from '../catalogue/probes/index.ts'
import { mutants, mutantsOf } from './mutants/index.ts'
import { EXPOSURES, play } from './play.ts'
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

test.each(['sparsifiner/eq4', 'sparsifiner/eq7'])(
  '%s: on every probe every bug is as loud as something or not at all',
  (id) => {
    const equation = findEquation(id)
    for (const probe of probesFor(equation)) {
      const asked = probeQuestion(probe, equation, 3)
      const noise = truthOf(asked)
      for (const mutant of mutantsOf(id)) {
        const planted = mutant.plant({ runtime: float64(), question: asked })
        const bug = play(planted.runtime, planted.question)
        const loud = EXPOSURES.map((exposure) => signal(asked, noise, bug, exposure))
        expect(
          loud.every((x) => x >= 0),
          `${mutant.id} on ${probe.name}: ${loud.join()}`,
        ).toBe(true)
        const isNumber = [...bug.values()].every(
          (value) => value.kind === 'mask' || !value.tensor.data.some(Number.isNaN),
        )
        if (!isNumber) expect(Math.max(...loud), `${mutant.id} on ${probe.name}`).toBe(Infinity)
      }
    }
  },
)
