import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Value } from '../reference/evaluator.ts'
import { arithmeticNamed } from '../src/arithmetics/index.ts'
import { readCase } from '../src/cases/read-case.ts'
import { decode } from '../src/cases/safetensors.ts'
import { distanceFrom, isTooFar } from '../src/goldens/compare.ts'
import { pathOf, recipes } from '../src/goldens/recipes.ts'
import { readOutput } from '../src/verdict/outputs.ts'
import { packageRoot } from '../src/version.ts'

/** Read inside each test, so that a mutant is tried on those alone that come by it. */
const read = (path: string): ReturnType<typeof readCase> =>
  readCase(decode(readFileSync(join(packageRoot, 'golden', path))))

describe.each(recipes.map((recipe) => [pathOf(recipe)] as const))('%s', (path) => {
  test.each(['float64', 'float32'] as const)('%s', (arithmetic) => {
    const { question, outputs } = read(path)
    const golden = new Map<string, Value>()
    for (const [name, raw] of outputs) {
      const output = readOutput(question, name, raw)
      if ('value' in output) golden.set(name, output.value)
    }
    const names = [...arithmeticNamed(arithmetic).answer(question).keys()]
    expect(names.toSorted()).toEqual([...golden.keys()].toSorted())
    const distance = distanceFrom(question, golden, arithmetic)
    expect(isTooFar(distance), distance.where).toBe(false)
  })

  test('whole rows and compressed rows give the same bits', () => {
    const { question } = read(path)
    const answer = (name: string): unknown[] =>
      [...arithmeticNamed(name).answer(question)].map(([key, value]) => [
        key,
        value.kind === 'mask' ? [value.mask.shape, value.mask.data] : [value.tensor.shape, value.tensor.data],
      ])
    expect(answer('float32-dense')).toEqual(answer('float32'))
  })
})
