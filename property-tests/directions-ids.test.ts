import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue } from '../src/catalogue/index.ts'
import { findEquation } from '../src/cases/names.ts'
import { sample } from '../src/catalogue/sample.ts'
import { suspectsOf } from '../src/verdict/directions/catalogue/index.ts'
import { record } from '../src/verdict/directions/tape.ts'
import { parameters } from './seed.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

test.each(catalogue.map((equation) => [equation.id, equation] as const))(
  '%s: no two suspected bugs of a question have one id',
  (_, equation) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const question = sample(equation, seed, { largest: 6 })
        const suspects = suspectsOf(record(question, { found: new Map(), judged: () => undefined }))
        const ids = suspects.map(({ id }) => id)
        expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
      }),
      parameters(30),
    )
  },
)

test('a bias of stacked layers is named by its own layer', () => {
  const question = sample(findEquation('stvit/dumbbell'), 1, {
    sizes: { depth: 2 },
    has: () => true,
  })
  const ids = suspectsOf(record(question, { found: new Map(), judged: () => undefined })).map(({ id }) => id)
  for (const layer of ['semantic.attn.q[0]', 'semantic.attn.q[1]', 'semantic.ffn.fc2[1]', 'recovery.attn.q'])
    expect(ids).toContain(`bias-missing/${layer}`)
})
