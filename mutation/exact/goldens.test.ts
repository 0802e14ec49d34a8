import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { certain } from '../../reference/exact/index.ts'
import { readCase } from '../../src/cases/read-case.ts'
import { decode } from '../../src/cases/safetensors.ts'
import { pathOf, recipes } from '../../src/goldens/recipes.ts'
import { readOutput } from '../../src/verdict/outputs.ts'
import { packageRoot } from '../../src/version.ts'

/** The smallest of each equation and unit: two recipes say nearly what all say, in a twentieth of the time. */
const SMALLEST = 2

const ids = [...new Set(recipes.map(({ id }) => id))]
const smallest = ids.flatMap((id) =>
  recipes
    .filter((recipe) => recipe.id === id)
    .map(pathOf)
    .toSorted((a, b) => sizeOf(a) - sizeOf(b))
    .slice(0, SMALLEST),
)

function sizeOf(path: string): number {
  return statSync(join(packageRoot, 'golden', path)).size
}

test.each(smallest)('%s', (path) => {
  const { question, outputs } = readCase(decode(readFileSync(join(packageRoot, 'golden', path))))
  const { float64 } = certain(question)
  expect([...float64.keys()].toSorted()).toEqual([...outputs.keys()].toSorted())
  for (const [name, raw] of outputs) {
    const output = readOutput(question, name, raw)
    expect('value' in output && output.value).toEqual(float64.get(name))
  }
})
