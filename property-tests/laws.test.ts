import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { float32, float32Dense } from '../reference/float32/index.ts'
import { float64 } from '../src/arithmetics/float64.ts'
import { laboratory, LawBroken, laws, plantedLaboratory, type Trial } from '../src/laws/index.ts'
import { parameters } from './seed.ts'

const RUNS = 30
/** A planted bug need not show in every case; this many trials it must not survive. */
const MUTANT_RUNS = 60

const trials: fc.Arbitrary<Trial> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  largest: fc.integer({ min: 1, max: 14 }),
})

describe.each(laws.map((law) => [law.id, law] as const))('%s', (_, law) => {
  test.each([
    ['float32', laboratory(float32())],
    ['float32-dense', laboratory(float32Dense())],
    ['float64', laboratory(float64())],
  ])('holds in %s', (_name, lab) => {
    fc.assert(
      fc.property(trials, (trial) => law.holds(lab, trial)),
      parameters(Math.min(RUNS, law.trials ?? RUNS)),
    )
  })

  test(`kills its mutant: ${law.mutant.name}`, () => {
    const lab = plantedLaboratory(law)
    const run = fc.check(
      fc.property(trials, (trial) => law.holds(lab, trial)),
      { ...parameters(MUTANT_RUNS), endOnFailure: true },
    )
    expect(run.failed, 'the planted bug survived').toBe(true)
    // a mutant must be noticed by the law, not by crashing
    expect(run.errorInstance).toBeInstanceOf(LawBroken)
  })
})
