import { expect, test } from 'vitest'
import { float32Dense } from '../../reference/float32/index.ts'
import { findEquation } from '../cases/names.ts'
import { judge } from '../verdict/index.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import { runtime } from './legal/arithmetic.ts'
import { plain } from './legal/choices.ts'
import { mutantsOf } from './mutants/index.ts'
import { play } from './play.ts'
import { drawn } from './questions.ts'
import { said, settingOf } from './said.ts'

/** Visible bugs that went through the outputs, all in tuning seeds; planted as `trial` plants them. */
test.each([
  // another ε was not noticed, and so none was tried: with rows of variances near ε they are no multiples of one another
  ['stvit/eq6', 'eps-outside', 700_005],
  // sixteen draws leave a standard error a third too large
  ['stvit/eq4', 'no-eps', 700_005],
  ['stvit/eq5', 'other-eps', 700_000],
  ['stvit/eq6', 'denominator-1e-6', 700_005],
])('%s %s of %d is seen with directions', (id, name, seed) => {
  const { question } = drawn(findEquation(id), seed)
  const mutant = mutantsOf(id).find((each) => each.id === name)
  if (mutant === undefined) throw new TypeError(name)
  const base = seed % 2 === 0 ? float32Dense() : runtime('plain', plain)
  const planted = mutant.plant({ runtime: base, question })
  const setting = settingOf(question, judgeUnder(judge.profile, 'always'))
  expect(said(setting, play(planted.runtime, planted.question)).directed?.outputs).toBe('red')
})
