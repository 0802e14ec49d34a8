import { expect, test } from 'vitest'
import { findProbe } from '../catalogue/probes/index.ts'
import { findEquation } from '../cases/names.ts'
import { judge } from '../verdict/index.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import { undisputed, variants } from './legal/variants.ts'
import { play } from './play.ts'
import { disputedTable } from './page/disputed.ts'
import { sensitivityDocument } from './page/index.ts'
import { drawn } from './questions.ts'
import { invisible, suiteAlarms, suiteKills } from './rates.ts'
import { DETECTORS, emptyResults } from './results.ts'
import { said, settingOf } from './said.ts'
import { withTrial } from './tally.ts'
import { allAlarms } from './totals.ts'
import { honestTrial, probeTrial, trial, type MutantRun, type Trial } from './trial.ts'

const SILENT = { outputs: 0, intermediates: 0 }

test('a disputed runtime that is called wrong is counted apart, and raises no false alarm', () => {
  const equation = findEquation('stvit/eq4')
  const asked = honestTrial(equation, 100_001, judge)
  const wrong = { outputs: 'green', intermediates: 'red' } as const
  // whatever the judge of today makes of it
  const legal = asked.legal.map((run) =>
    run.variant === 'simulated-erf-limits' ? { ...run, touchstone: wrong, complaint: 'as it is' } : run,
  )
  const tally = withTrial(undefined, { ...asked, legal })
  const at = DETECTORS.indexOf('intermediates')
  expect(tally.variants['simulated-erf-limits'].alarms[at]).toBe(1)
  expect([tally.alarms, tally.legal['0.01'].runs]).toEqual([[], undisputed.length])
  expect(Object.keys(tally.variants)).toHaveLength(variants.length)
  const results = { ...emptyResults(''), honest: { [equation.id]: tally } }
  expect(allAlarms(results)).toEqual([])
  expect(disputedTable(results).rows).toContainEqual(['simulated-erf-limits', '1', '0', '1'])
  expect(suiteAlarms([[equation.id, [tally]]], 'intermediates')).toEqual({ hits: 0, of: undisputed.length })
})

test('a suite is red where one of its questions is, and nothing is invisible that a probe shows', () => {
  const equation = findEquation('sparsifiner/eq2')
  const ordinary = trial(equation, 6, judge)
  const probed = probeTrial(equation, findProbe('at-threshold', equation), 6, judge)
  const red = { outputs: 'red', intermediates: 'red' } as const
  /** All runtimes right and one wrong; all bugs gone from the question and one as loud as it is. */
  const onlyLast = (asked: Trial): Trial => ({
    ...asked,
    legal: asked.legal.map((run, i) => (i === 3 ? Object.assign({}, run, { touchstone: red }) : run)),
  })
  const silent = (asked: Trial): Trial => ({
    ...asked,
    mutants: asked.mutants.map((run) => Object.assign({}, run, { signal: SILENT, beyond: SILENT })),
  })
  const [plain, wrong, mute, loud] = [ordinary, onlyLast(probed), silent(ordinary), probed].map((asked) =>
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

test('divisions that are all high are suspected by directions alone', () => {
  const equation = findEquation('sparsifiner/eq1')
  const setting = settingOf(drawn(equation, 100_001).question, judgeUnder(judge.profile, 'always'))
  const high = variants.find(({ id }) => id === 'divide-high')
  if (high === undefined) throw new TypeError('divide-high')
  expect(high.disputed).toMatch(/directions always/)
  const { touchstone, directed } = said(setting, play(high.runtime(), setting.question))
  expect([touchstone, directed]).toEqual([
    { outputs: 'green', intermediates: 'green' },
    { outputs: 'red', intermediates: 'red' },
  ])
})

test('what directions miss too is kept apart, and the page tells the two apart', () => {
  const equation = findEquation('sparsifiner/eq12')
  const [green, red] = (['green', 'red'] as const).map((colour) => ({
    outputs: colour,
    intermediates: colour,
  }))
  const asked = trial(equation, 6, judgeUnder(judge.profile, 'always'))
  const [first, second, third] = asked.mutants.map(({ mutant }) => mutant)
  const through = (run: MutantRun): MutantRun => ({
    ...run,
    signal: { outputs: 7, intermediates: 8 },
    beyond: { outputs: 6.5, intermediates: 5 },
    touchstone: run.mutant === third ? red : green,
    directed: run.mutant === first ? green : red,
  })
  const tally = withTrial(undefined, { ...asked, mutants: asked.mutants.map(through) })
  const lines = ['6 outputs 7.00', '6 intermediates 8.00, imitated']
  expect([tally.mutants[first].missed, tally.mutants[first].missedDirected]).toEqual([lines, lines])
  expect([tally.mutants[second].missed, tally.mutants[second].missedDirected]).toEqual([lines, []])
  // what the outputs tell, the intermediates tell too
  const counts = DETECTORS.slice(0, 4).map(() => 1)
  const { told, toldCaught } = tally.mutants[first].groups['1']
  expect([told.slice(0, 4), toldCaught.slice(0, 4)]).toEqual([counts, counts.map(() => 0)])
  const page = sensitivityDocument({ ...emptyResults(''), equations: { [equation.id]: tally } })
  const [, both, plainly] = page.split(
    /### With directions too|### But caught with directions|## The catalogue/,
  )
  expect(both).toContain(`**${first}** 0 / 1, 0 / 1 → 0 / 1, 0 / 1: ${lines.join('; ')}`)
  expect(plainly).toContain(`**${second}** 0 / 1, 0 / 1: ${lines.join('; ')}`)
  expect(both + plainly).not.toContain(`**${third}**`)
  expect(both).not.toContain(`**${second}**`)
})
