import { expect, test } from 'vitest'
import { findProbe } from '../catalogue/probes/index.ts'
import { findEquation } from '../cases/names.ts'
import { judge } from '../verdict/index.ts'
import { undisputed, variants } from './legal/variants.ts'
import { invisible, suiteAlarms, suiteKills } from './rates.ts'
import { DETECTORS, emptyResults } from './results.ts'
import { allAlarms, disputedRows } from './summary.ts'
import { withTrial } from './tally.ts'
import { honestTrial, probeTrial, trial, type Trial } from './trial.ts'

test('a disputed runtime that is called wrong is counted apart, and raises no false alarm', () => {
  const equation = findEquation('stvit/eq4')
  const tally = withTrial(undefined, honestTrial(equation, 100_001, judge))
  const at = DETECTORS.indexOf('intermediates')
  expect(tally.variants['simulated-erf-limits'].alarms[at]).toBe(1)
  expect([tally.alarms, tally.legal['0.01'].runs]).toEqual([[], undisputed.length])
  expect(Object.keys(tally.variants)).toHaveLength(variants.length)
  const results = { ...emptyResults(''), honest: { [equation.id]: tally } }
  expect(allAlarms(results)).toEqual([])
  expect(disputedRows(results)).toContainEqual(['simulated-erf-limits', '1', '0', '1'])
  expect(suiteAlarms([[equation.id, [tally]]], 'intermediates')).toEqual({ hits: 0, of: undisputed.length })
})

test('a suite is red where one of its questions is, and nothing is invisible that a probe shows', () => {
  const equation = findEquation('sparsifiner/eq2')
  const drawn = trial(equation, 6, judge)
  const probed = probeTrial(equation, findProbe('at-threshold', equation), 6, judge)
  const red = { outputs: 'red', intermediates: 'red' } as const
  /** All runtimes right and one wrong; all bugs gone from the question and one as loud as it is. */
  const onlyLast = (asked: Trial): Trial => ({
    ...asked,
    legal: asked.legal.map((run, i) => (i === 3 ? Object.assign({}, run, { touchstone: red }) : run)),
  })
  const silent = (asked: Trial): Trial => ({
    ...asked,
    mutants: asked.mutants.map((run) => Object.assign({}, run, { signal: { outputs: 0, intermediates: 0 } })),
  })
  const [plain, wrong, mute, loud] = [drawn, onlyLast(probed), silent(drawn), probed].map((asked) =>
    withTrial(undefined, asked),
  )
  const of = undisputed.length
  expect(suiteAlarms([[equation.id, [plain, plain]]], 'outputs')).toEqual({ hits: 0, of })
  expect(suiteAlarms([[equation.id, [plain, wrong]]], 'outputs')).toEqual({ hits: 1, of })
  expect(suiteKills([[equation.id, [mute]]], 'outputs', 'gross')).toEqual({ hits: 0, of: 0 })
  expect(suiteKills([[equation.id, [mute, loud]]], 'outputs', 'gross')).toEqual(
    suiteKills([[equation.id, [loud]]], 'outputs', 'gross'),
  )
  expect(invisible([mute, loud], 'outputs')).toEqual(invisible([loud], 'outputs'))
  expect(invisible([mute], 'outputs')).toHaveLength(Object.keys(mute.mutants).length)
  expect(invisible([loud], 'outputs').length).toBeLessThan(Object.keys(loud.mutants).length)
})
