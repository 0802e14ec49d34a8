import { expect, test } from 'vitest'
import { findEquation } from '../cases/names.ts'
import { rawOf } from '../cases/write-case.ts'
import { judge } from '../verdict/index.ts'
import { variants } from './legal/variants.ts'
import { play } from './play.ts'
import { drawn } from './questions.ts'

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
  const alarms = seeds.flatMap((seed) => {
    const { question } = drawn(findEquation(id), seed)
    return variants.flatMap(({ id: variant, runtime }) => {
      const answer = [...play(runtime(), question)]
      const { outputs } = judge.judge(question, new Map(answer.map(([name, value]) => [name, rawOf(value)])))
      return outputs.flatMap(({ name, verdict, reason }) =>
        verdict === 'pass' || verdict === 'not-judged' ? [] : [`${seed} ${variant} ${name}: ${reason}`],
      )
    })
  })
  expect(alarms).toEqual([])
})
