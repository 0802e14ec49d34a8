import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Config } from '../src/catalogue/schema.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import { alarms, changed } from './alarms.ts'
import { parameters } from './seed.ts'

/** Tokens that differ from the first by a share of what they were: a sky, a wall, padding with a little noise. */
function alike(question: Question, spread: number): Question {
  return changed(question, /^input\./, (data, i, width) => data[i % width] + spread * data[i])
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
