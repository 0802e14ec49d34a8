import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { certain, estimatedSeconds } from '../../reference/exact/index.ts'
import { readCase } from '../../src/cases/read-case.ts'
import { decode } from '../../src/cases/safetensors.ts'
import { pathOf, recipes } from '../../src/goldens/recipes.ts'
import { readOutput } from '../../src/verdict/outputs.ts'
import { packageRoot } from '../../src/version.ts'

/** The cheapest of each equation and unit: two recipes say nearly what all say, in a twentieth of the time. */
const CHEAPEST = 2

const ids = [...new Set(recipes.map(({ id }) => id))]
const cheapest = ids.flatMap((id) =>
  recipes
    .filter((recipe) => recipe.id === id)
    .toSorted((a, b) => estimatedSeconds(a.question()) - estimatedSeconds(b.question()))
    .slice(0, CHEAPEST),
)

test.each(cheapest.map((recipe) => [pathOf(recipe)] as const))('%s', (path) => {
  const { question, outputs } = readCase(decode(readFileSync(join(packageRoot, 'golden', path))))
  const { float64 } = certain(question)
  expect([...float64.keys()].toSorted()).toEqual([...outputs.keys()].toSorted())
  for (const [name, raw] of outputs) {
    const output = readOutput(question, name, raw)
    expect('value' in output && output.value).toEqual(float64.get(name))
  }
})
