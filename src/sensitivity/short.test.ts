import { beforeAll, expect, test } from 'vitest'
import { equations } from '../catalogue/index.ts'
import { judge as usual } from '../verdict/index.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import { measure } from './measure.ts'
import { CLASSES } from './mutants/index.ts'
import { FIRST_REPORTED } from './questions.ts'
import { falseAlarms, kills } from './rates.ts'
import { DETECTORS, type EquationResult } from './results.ts'

const judge = judgeUnder(usual.profile, 'always')

/** Whole layers and pooling take most of the time. */
const LONG = ['stvit/eq1', 'stvit/eq2', 'stvit/eq5', 'stvit/eq6']

function found(): (readonly [string, EquationResult])[] {
  const all = [true, false].flatMap((long) => {
    const chosen = equations.filter(({ id }) => LONG.includes(id) === long)
    const seeds = long ? 1 : 3
    const plan = {
      equations: chosen,
      from: FIRST_REPORTED,
      seeds,
      honest: 0,
      probeSeeds: 0,
      judge,
      sweep: false,
    }
    return [...measure(plan)].slice(-1)
  })
  return all.flatMap(({ results }) => Object.entries(results.equations))
}

let results: (readonly [string, EquationResult])[] = []
beforeAll(() => {
  results = found()
}, 600_000)

/** Shares of visible bugs caught, in percent, as measured with verdict 5 on its own reported seeds. They may not fall. */
const FLOORS: Record<string, readonly [gross: number, medium: number, subtle: number]> = {
  outputs: [100, 96.7, 90.7],
  intermediates: [100, 98.7, 90.8],
  'outputs, directions': [100, 98.6, 98.4],
  'intermediates, directions': [100, 99.4, 98],
}

test.each(Object.keys(FLOORS))('no honest runtime is called wrong: %s', (exposure) => {
  const rate = falseAlarms(
    results.map(([, result]) => result),
    exposure,
  )
  expect(rate.of).toBeGreaterThan(450)
  expect(results.flatMap(([id, { alarms }]) => alarms.map((alarm) => `${id} ${alarm}`))).toEqual([])
  expect(rate.hits).toBe(0)
})

test.each(Object.keys(FLOORS))('what was caught is still caught: %s', (exposure) => {
  const caught = CLASSES.map((of) => kills(results, exposure, of))
  const shares = caught.map(({ hits, of }) => (100 * hits) / of)
  FLOORS[exposure].forEach((floor, i) => {
    expect(shares[i], `${CLASSES[i]}: ${caught[i].hits} of ${caught[i].of}`).toBeGreaterThanOrEqual(floor)
  })
})

test('of all comparisons without a false alarm, Touchstone catches most', () => {
  const plain = results.map(([, result]) => result)
  const caughtBy = (detector: string): number =>
    CLASSES.reduce((sum, of) => sum + kills(results, detector, of).hits, 0)
  const quiet = DETECTORS.filter((detector) => !(detector in FLOORS)).filter(
    (detector) => falseAlarms(plain, detector).hits === 0,
  )
  for (const detector of quiet) expect(caughtBy(detector), detector).toBeLessThan(caughtBy('outputs'))
})
