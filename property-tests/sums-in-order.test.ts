import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Config } from '../src/catalogue/schema.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import { judge } from '../src/verdict/index.ts'
import { judgeUnder } from '../src/verdict/judge/index.ts'
import { alarms, changed } from './alarms.ts'
import { parameters } from './seed.ts'

/** Positive inputs, and weights that are negative first and positive then: sums go far and come back. */
const signsInBlocks = (question: Question): Question =>
  changed(
    changed(question, /^input\./, (data, i) => Math.abs(data[i])),
    /^param\..*(weight|W_)/,
    (data, i, width) => Math.abs(data[i]) * (i % width < width / 2 ? -1 : 1),
  )

/** All channels of a token are one number. */
const constantTokens = (question: Question): Question =>
  changed(question, /^input\./, (data, i, width) => data[i - (i % width)])

/** Tokens most of whose channels are equal, some all of them: patches clipped to black. */
const darkTokens = (question: Question): Question =>
  changed(question, /^input\./, (data, i) => Math.max(data[i], 2.2))

/** All tokens are one token: a blank picture. */
const oneToken = (question: Question): Question =>
  changed(question, /^input\./, (data, i, width) => data[i % width])

/** Logits of a head that has learned nothing yet. */
const nearlyEqualLogits = (question: Question): Question =>
  changed(question, /^input\.logits/, (data, i) => 1e-4 * data[i])

const ORDERS = ['sequential', 'reversed', 'gpu', 'simulated-reversed']

interface Asked {
  readonly id: string
  readonly sizes: Readonly<Record<string, number>>
  readonly config?: Config
  readonly runs?: number
}

const blocks: readonly Asked[] = [
  { id: 'stvit/eq6', sizes: { Nx: 20, Ns: 6, C: 48, rC: 96 }, config: { heads: 3 } },
  { id: 'stvit/eq3', sizes: { Ns: 6, Ni: 24, C: 48 }, config: { heads: 3 } },
  { id: 'sparsifiner/eq1', sizes: { n: 48, d: 32, m: 12 } },
]
const constants: readonly Asked[] = [
  { id: 'stvit/eq1', sizes: { Ns: 8, Ni: 24, C: 48, rC: 48 }, config: { heads: 3 } },
  { id: 'sparsifiner/eq1', sizes: { n: 48, d: 32, m: 12 } },
]
const pooled: readonly Asked[] = [
  { id: 'stvit/adaptive-average-pooling', sizes: { H: 16, W: 16, C: 192 }, config: { out: 2 } },
]
const losses: readonly Asked[] = [
  { id: 'sparsifiner/eq7', sizes: { B: 8, k: 600 } },
  { id: 'sparsifiner/eq9', sizes: { B: 8, k: 400 } },
]

test.each([
  ['weights in blocks of one sign', signsInBlocks, blocks],
  ['tokens whose channels are equal', constantTokens, constants],
  ['dark patches', darkTokens, constants.slice(0, 1)],
  ['a blank map', oneToken, pooled],
  ['logits that hardly differ', nearlyEqualLogits, losses],
] as const)('%s call no honest runtime wrong', (_, change, asked) => {
  for (const { id, sizes, config } of asked) {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
        const question = sample(findEquation(id), seed, {
          sizes,
          has: () => true,
          magnitude: 1,
          ...(config === undefined ? {} : { config }),
          ...(id.startsWith('sparsifiner/eq7') || id.startsWith('sparsifiner/eq9') ? {} : { lead: [] }),
        })
        expect(alarms(change(question), ORDERS)).toEqual([])
      }),
      parameters(3),
    )
  }
})

test('attention that is nearly uniform leans along no named bug, though its divisions all err alike', () => {
  const always = judgeUnder(judge.profile, 'always')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
      const sizes = { n: 64, d: 32, m: 24 }
      const question = sample(findEquation('sparsifiner/eq1'), seed, { sizes, lead: [], magnitude: 1 })
      const uniform = changed(question, /^input\./, (data, i) => 1e-6 * data[i])
      expect(alarms(uniform, ['vector-unit'], always)).toEqual([])
    }),
    parameters(3),
  )
})
