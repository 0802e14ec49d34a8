import { expect, test } from 'vitest'
import type { Kinds } from '../../reference/arithmetic.ts'
import type { Evaluator } from '../../reference/evaluator.ts'
import { float32 } from '../../reference/float32/index.ts'
import { recording } from '../arithmetics/recording.ts'
import { ask } from './ask.ts'
import { catalogue } from './index.ts'
import { sample } from './sample.ts'
import type { Equation } from './schema.ts'

/** What a text returns, what it gave names to, and the names in the order they were given. */
function run<K extends Kinds>(
  evaluator: Evaluator<K>,
  equation: Equation,
  seed: number,
): { returned: unknown; exposed: Map<string, unknown>; names: string[] } {
  const { tensors, config } = sample(equation, seed, { largest: 4 })
  const [dense, masks] = [new Map<string, K['Dense']>(), new Map<string, K['Mask']>()]
  for (const [name, value] of tensors) {
    if (value.kind === 'dense') dense.set(name, evaluator.dense(value.tensor))
    else masks.set(name, evaluator.mask(value.mask))
  }
  const names: string[] = []
  const { rules, exposed } = recording(evaluator, (path) => {
    names.push(path)
    return undefined
  })
  const returned = equation.evaluate(rules, ask<K>(dense, masks, config))
  return { returned, exposed: new Map([...exposed].map(([name, { x }]) => [name, x])), names }
}

test.each(catalogue.map((equation) => [equation.id, equation] as const))(
  '%s returns its outputs by name, and gives every name once',
  (_, equation) => {
    const outputs = Object.entries(equation.exposes).filter(([, { output }]) => output === true)
    for (const seed of [1, 2, 3]) {
      const { returned, exposed, names } = run(float32(), equation, seed)
      expect(new Set(names).size).toBe(names.length)
      const own = outputs.map(([name]) => name).filter((name) => !name.includes('.'))
      expect(returned).toMatchObject(Object.fromEntries(own.map((name) => [name, exposed.get(name)])))
    }
  },
)
