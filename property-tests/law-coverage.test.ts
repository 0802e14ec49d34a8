import { describe, expect, test } from 'vitest'
import { catalogue } from '../src/catalogue/index.ts'
import { laws } from '../src/laws/index.ts'

test('every law has an id of its own, in words', () => {
  const ids = laws.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/)
})

test.each(catalogue.map(({ id }) => id))('%s is examined by two laws or more', (id) => {
  expect(laws.filter(({ equations }) => equations.includes(id)).length).toBeGreaterThanOrEqual(2)
})

describe.each(laws.map((law) => [law.id, law] as const))(
  '%s',
  (_, { statement, source, equations, mutant }) => {
    test('is stated in one sentence, with its source and a bug in words', () => {
      expect(statement).toMatch(/^\p{Lu}[^\n]*[^.]\.$/u)
      expect(source.length).toBeGreaterThan(10)
      expect(mutant.name.split(' ').length).toBeGreaterThan(2)
    })

    test('names equations of the catalogue, each once', () => {
      const known = new Set(catalogue.map(({ id }) => id))
      for (const id of equations) expect(known).toContain(id)
      expect(new Set(equations).size).toBe(equations.length)
    })
  },
)
