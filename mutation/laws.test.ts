import { describe, test } from 'vitest'
import { float32, float32Dense } from '../reference/float32/index.ts'
import { laboratory, laws } from '../src/laws/index.ts'

/** Few trials, always the same: a mutant is killed by what a law says, not by how long it is tried. */
const TRIALS = [
  { seed: 1, largest: 5 },
  { seed: 2, largest: 7 },
  { seed: 3, largest: 3 },
]

/** Goldens say what the laws that ask the scalar transcriptions would say, and quicker. */
const quick = laws.filter(({ trials }) => trials === undefined)

describe.each([
  ['float32', laboratory(float32())],
  ['float32-dense', laboratory(float32Dense())],
])('laws in %s', (_, lab) => {
  test.each(quick.map((law) => [law.id, law] as const))('%s', (_id, law) => {
    for (const trial of TRIALS) law.holds(lab, trial)
  })
})
