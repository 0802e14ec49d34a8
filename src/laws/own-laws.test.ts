import { describe, expect, test } from 'vitest'
import { withRule } from '../../reference/arithmetic.ts'
import { float32 } from '../../reference/float32/index.ts'
import { catalogue } from '../catalogue/index.ts'
import { laboratory, LawBroken, laws, type Law, type Trial } from './index.ts'
import type { Lab } from './lab.ts'
import { ownLawsOf } from './own-laws.ts'

const equations = catalogue.map(({ id }) => id).filter((id) => /\/eq\d+$/.test(id))
const TRIALS: readonly Trial[] = [1, 2, 3, 4, 5].map((seed) => ({ seed, largest: 2 + seed }))
/** A planted bug need not show in every trial. */
const MUTANT_TRIALS = 60

/** The laboratory of which questions of `id` are answered by `own`, all others by nothing at all. */
function onlyAsking(id: string, own: Lab): Lab {
  const demandOwn = (asked: string): void => {
    if (asked !== id) throw new LawBroken(`${asked} is broken`)
  }
  return {
    ...own,
    answer(question) {
      demandOwn(question.equation.id)
      return own.answer(question)
    },
    answerOnWholeRows(question) {
      demandOwn(question.equation.id)
      return own.answerOnWholeRows(question)
    },
  }
}

/** The laboratory in which the law's bug is planted, for questions of one equation. */
function planted({ mutant }: Law): Lab {
  const sound = float32()
  if ('corrupt' in mutant) expect.unreachable('a law of files asks no equation')
  return laboratory({ ...sound, rules: withRule(sound.rules, mutant.plant(sound.rules)) })
}

function isNoticed(law: Law, lab: Lab): boolean {
  for (let seed = 1; seed <= MUTANT_TRIALS; seed++) {
    try {
      law.holds(lab, { seed, largest: 2 + (seed % 12) })
    } catch (error) {
      expect(error).toBeInstanceOf(LawBroken)
      return true
    }
  }
  return false
}

test('there are eighteen equations', () => {
  expect(equations.length).toBe(18)
})

describe.each(equations)('%s', (id) => {
  const own = ownLawsOf(id, laws)

  test('has three laws of its own or more', () => {
    expect(own.length).toBeGreaterThanOrEqual(3)
  })

  test.each(own.map((law) => [law.id, law] as const))(
    '%s holds though every other equation is broken, and notices its bug in this one alone',
    (_, law) => {
      for (const trial of TRIALS) law.holds(onlyAsking(id, laboratory(float32())), trial)
      expect(isNoticed(law, onlyAsking(id, planted(law)))).toBe(true)
    },
  )
})

test('a law that asks two equations is set off by the other', () => {
  const both = laws.find((law) => law.id === 'eq3-is-the-attention-inside-eq2')
  if (both === undefined) expect.unreachable('no such law')
  expect(isNoticed(both, onlyAsking('stvit/eq3', laboratory(float32())))).toBe(true)
})
