import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tensor } from '../reference/tensor.ts'
import type { Config } from '../src/catalogue/schema.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { undisputed } from '../src/sensitivity/legal/variants.ts'
import { play } from '../src/sensitivity/play.ts'
import { judge } from '../src/verdict/index.ts'
import { parameters } from './seed.ts'

/** Tokens that differ from the first by a share of what they were: a sky, a wall, padding with a little noise. */
function alike(question: Question, spread: number): Question {
  const tensors = new Map(question.tensors)
  for (const [name, value] of question.tensors) {
    if (value.kind !== 'dense' || !name.startsWith('input.') || value.tensor.shape.length < 2) continue
    const { data, shape } = value.tensor
    const width = shape.at(-1) ?? 1
    tensors.set(name, {
      kind: 'dense',
      tensor: tensor(
        Float32Array.from(data, (x, i) => data[i % width] + spread * x),
        shape,
      ),
    })
  }
  return { ...question, tensors }
}

function alarms(question: Question, of: readonly string[]): string[] {
  const about = judge.about(question)
  return undisputed
    .filter(({ id }) => of.includes(id))
    .flatMap(({ id, runtime }) => {
      const answer = [...play(runtime(), question)]
      const { verdict, outputs } = about(new Map(answer.map(([name, value]) => [name, rawOf(value)])))
      const why = outputs.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name} ${reason}`]))
      return verdict === 'pass' ? [] : [`${id}: ${why.join('; ')}`]
    })
}

const ASKED = ['sequential', 'reversed', 'fma', 'online-1', 'shiftless', 'exp-high', 'bias-first']

test.each<readonly [string, Readonly<Record<string, number>>, Config]>([
  ['stvit/eq1', { Ns: 5, Ni: 200, C: 16, rC: 16 }, { heads: 2 }],
  ['stvit/eq2', { Ns: 30, Ni: 60, C: 12, rC: 12 }, { heads: 2 }],
  ['stvit/eq3', { Ns: 6, Ni: 197, C: 12 }, {}],
  ['sparsifiner/eq1', { n: 120, d: 8, m: 10 }, {}],
])(
  '%s: attention to hundreds of tokens that hardly differ calls no honest runtime wrong',
  (id, sizes, config) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 30 }),
        fc.double({ min: 1, max: 6, noNaN: true }),
        (seed, digits) => {
          const question = sample(findEquation(id), seed, { sizes, config, lead: [] })
          expect(alarms(alike(question, 10 ** -digits), ASKED)).toEqual([])
        },
      ),
      parameters(10),
    )
  },
)
