import { expect, test } from 'vitest'
import { sample } from '../catalogue/sample.ts'
import { findEquation } from '../cases/names.ts'
import type { Question } from '../cases/question.ts'
import { rawOf } from '../cases/write-case.ts'
import { judge } from '../verdict/index.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import type { Judge } from '../verdict/judgement.ts'
import { undisputed, type Variant } from './legal/variants.ts'
import { play, shown, type Exposure } from './play.ts'
import { drawn, drawnAtSize } from './questions.ts'

/** Questions on which an honest runtime was once called wrong, and what of the judge was at fault. */
const FORMER: readonly (readonly [id: string, seeds: readonly number[], fault: string])[] = [
  ['stvit/eq5', [90024], 'Welford’s mean at four channels'],
  ['stvit/eq6', [200011], 'flash attention that shows its weights'],
  ['sparsifiner/eq7', [90007, 90025, 90026], 'a mean of one element is divided too'],
  ['sparsifiner/eq7', [90011, 90035], 'a logarithm that all of a row share'],
  ['sparsifiner/eq8', [90014, 90021], 'the division of a mean'],
  ['sparsifiner/eq9', [90006, 90014, 90016, 90029], 'a mean of one element is divided too'],
  ['sparsifiner/eq9', [90009, 90011, 90035], 'exponentials and a logarithm that all of a row share'],
]

test.each(FORMER)('%s, seeds %j: %s', (id, seeds) => {
  const asked = seeds.map((seed) => drawn(findEquation(id), seed).question)
  expect(asked.flatMap((question) => alarmsOn(question, undisputed))).toEqual([])
})

test('one channel, whose mean is divided by 1, with directions always', () => {
  const { question } = drawn(findEquation('stvit/eq2'), 1_100_005)
  const by = judgeUnder(judge.profile, 'always')
  expect(alarmsOn(question, undisputed, by, 'outputs')).toEqual([])
})

/** The same of questions as the sampler draws them: three or four channels, which average nothing out. */
const FORMER_TOYS: typeof FORMER = [
  ['stvit/eq5', [307484421, 398598651], 'a curve of erf that few channels pass on'],
]

test.each(FORMER_TOYS)('%s of few channels, seeds %j: %s', (id, seeds) => {
  const asked = seeds.map((seed) => sample(findEquation(id), seed))
  expect(asked.flatMap((question) => alarmsOn(question, undisputed))).toEqual([])
})

/** The same at the size of a model, and the runtimes that were called wrong. */
const FORMER_AT_SIZE: readonly (readonly [
  id: string,
  seed: number,
  runtimes: readonly string[],
  fault: string,
])[] = [
  ['sparsifiner/eq9', 0, ['exp-high'], 'an exp at its limit at arguments near −7'],
  ['sparsifiner/eq1', 800_000, ['simulated-exp'], 'an exp that is low where x − max has few digits'],
  ['sparsifiner/eq4', 800_000, ['simulated-exp'], 'the same'],
]

test.each(FORMER_AT_SIZE)('%s at size, seed %d, %j: %s', (id, seed, runtimes) => {
  const { question } = drawnAtSize(findEquation(id), seed)
  const called = undisputed.filter((variant) => runtimes.includes(variant.id))
  expect(called).toHaveLength(runtimes.length)
  expect(alarmsOn(question, called, judgeUnder(judge.profile, 'always'))).toEqual([])
})

function alarmsOn(
  question: Question,
  runtimes: readonly Variant[],
  by: Judge = judge,
  exposure: Exposure = 'intermediates',
): string[] {
  return runtimes.flatMap(({ id, runtime }) => {
    const answer = [...shown(question, play(runtime(), question), exposure)]
    const { outputs, blame } = by.judge(
      question,
      new Map(answer.map(([name, value]) => [name, rawOf(value)])),
    )
    const alarms = outputs.flatMap(({ name, verdict, reason }) =>
      verdict === 'pass' || verdict === 'not-judged' ? [] : [`${name}: ${reason}`],
    )
    return [...alarms, ...(blame?.findings ?? []).map(({ sentence }) => sentence)].map(
      (text) => `${id} ${text}`,
    )
  })
}
