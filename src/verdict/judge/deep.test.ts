import { expect, test } from 'vitest'
import { arithmeticNamed } from '../../arithmetics/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { rawOf } from '../../cases/write-case.ts'
import { judge } from '../index.ts'

test('noise that grows layer by layer does not end the judgement: a dumbbell unit by its outputs alone', () => {
  const question = sample(findEquation('stvit/dumbbell'), 3, { has: () => true, config: { pooling: 'eq5' } })
  const { exposes } = question.equation
  const outputs = new Map(
    [...arithmeticNamed('float32').answer(question)]
      .filter(([name]) => exposes[name]?.output === true)
      .map(([name, value]) => [name, rawOf(value)]),
  )
  expect(judge.judge(question, outputs).outputs.map(({ verdict }) => verdict)).toEqual(
    [...outputs.keys()].map(() => 'pass'),
  )
})
