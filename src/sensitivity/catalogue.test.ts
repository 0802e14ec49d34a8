import { expect, test } from 'vitest'
import { equations } from '../catalogue/index.ts'
import { undisputed, variants } from './legal/variants.ts'
import { mutants, mutantsOf } from './mutants/index.ts'
import { play } from './play.ts'
import { drawn } from './questions.ts'
import { rawOf } from '../cases/write-case.ts'
import { catalogueDigest } from './results.ts'

/**
 * The catalogue is frozen, so that no threshold is tuned by leaving out what it misses. A mutant may be added, and none taken away or
 * reclassed, only with a new digest here, a line in the CHANGELOG that says why, and `touchstone sensitivity --doc docs/sensitivity.md`.
 */
test('the catalogue is the one that was frozen', () => {
  expect(catalogueDigest).toBe('746f4359ce7a77ee')
})

test('names are unique, and every bug says what it is in one sentence', () => {
  const ids = mutants.map(({ id }) => id)
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  for (const { id, about } of mutants) expect(about, id).toMatch(/\.$/)
  const known = new Set(equations.map(({ id }) => id))
  for (const { id, equations: of } of mutants) {
    expect(of.length, id).toBeGreaterThan(0)
    for (const equation of of) expect(known, id).toContain(equation)
  }
})

test('at least twelve honest runtimes are designs of the simulated one; what is disputed says why', () => {
  expect(undisputed.filter(({ id }) => id.startsWith('simulated-')).length).toBeGreaterThanOrEqual(12)
  for (const { id, disputed } of variants) expect(disputed ?? id, id).not.toBe('')
})

test.each(equations.map(({ id }) => id))('%s has mutants gross, medium and subtle', (id) => {
  const classes = mutantsOf(id).map((mutant) => mutant.class)
  expect(classes.length).toBeGreaterThanOrEqual(12)
  expect(new Set(classes)).toEqual(new Set(['gross', 'medium', 'subtle']))
})

test('a proof of equivalence is about an equation that the mutant is planted in', () => {
  for (const { id, equations: of, equivalent = {} } of mutants)
    for (const equation of Object.keys(equivalent)) expect(of, id).toContain(equation)
})

const families: Record<string, readonly string[]> = {
  'cross-attention': ['stvit/eq1', 'stvit/eq3'],
  pooling: ['stvit/eq4', 'stvit/eq5'],
  'sparse attention': ['sparsifiner/eq1', 'sparsifiner/eq4', 'sparsifiner/eq6'],
  losses: ['sparsifiner/eq7', 'sparsifiner/eq9', 'sparsifiner/eq10'],
}

test.each(Object.keys(families))(
  '%s: at least 24 honest runtimes that give tensors of their own',
  (family) => {
    const apart = new Set<string>()
    for (const equation of equations.filter(({ id }) => families[family].includes(id))) {
      for (const seed of [2, 3, 4, 5, 6, 7]) {
        const { question } = drawn(equation, seed)
        const seen = new Set<string>()
        for (const { id, runtime } of variants) {
          const key = [...play(runtime(), question).values()].map((x) => rawOf(x).bytes.join(',')).join(';')
          if (!seen.has(key)) apart.add(id)
          seen.add(key)
        }
      }
    }
    expect(apart.size).toBeGreaterThanOrEqual(24)
  },
)
