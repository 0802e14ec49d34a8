import { expect, test } from 'vitest'
import { findEquation } from '../cases/names.ts'
import { judge as usual } from '../verdict/index.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import { variants } from './legal/variants.ts'
import { mutantsOf } from './mutants/index.ts'
import { nearest, nearIn, nearnessOf, type Nearness } from './nearness.ts'
import { nearestTable } from './page/nearest.ts'
import { play } from './play.ts'
import { drawn } from './questions.ts'
import { emptyResults } from './results.ts'
import { judgementsOf, settingOf } from './said.ts'
import { withTrial } from './tally.ts'
import { honestTrial } from './trial.ts'

const judge = judgeUnder(usual.profile, 'always')
const equation = findEquation('sparsifiner/eq6')
const shareOf = (near: Nearness, name: string): number => near[name].value / near[name].threshold

test('the largest share of a threshold is kept, with its run', () => {
  const near = (value: number, threshold: number, where: string): Nearness => ({
    rms: { value, threshold, where },
  })
  const kept = nearest([near(1, 2, 'A'), near(3, 5, 'B'), near(2, 4, 'C'), {}])
  expect(nearIn('7 fma', kept)).toEqual({ rms: { value: 3, threshold: 5, where: '7 fma B' } })
})

test('what is suspect or proved is above its threshold, what passes is not', () => {
  const setting = settingOf(drawn(equation, 5).question, judge)
  const honest = nearnessOf(judgementsOf(setting, play(variants[0].runtime(), setting.question)))
  for (const name of Object.keys(honest)) expect(shareOf(honest, name), name).toBeLessThanOrEqual(1)
  expect(Object.keys(honest)).toEqual(expect.arrayContaining(['share', 'largest', 'rms', 'slope']))
  const gain = mutantsOf(equation.id).find(({ id }) => id === 'gain-2^-12')
  const planted = gain?.plant({ runtime: variants[0].runtime(), question: setting.question })
  if (planted === undefined) throw new TypeError('gain-2^-12')
  const wrong = nearnessOf(judgementsOf(setting, play(planted.runtime, planted.question)))
  for (const name of ['share', 'largest', 'rms', 'direction'])
    expect(shareOf(wrong, name), name).toBeGreaterThan(1)
})

test('of a tally, the nearest of its runs; a row says which', () => {
  const trials = [2, 3].map((seed) => honestTrial(equation, seed, judge))
  const tally = trials.reduce(withTrial, undefined as Parameters<typeof withTrial>[0])
  if (tally === undefined) throw new TypeError('no trials')
  const all = trials.flatMap(({ legal }) => legal.map(({ near }) => shareOf(near, 'largest')))
  // value and threshold are kept to four digits: each off by 5e-4 of itself
  const most = Math.max(...all)
  expect(Math.abs(shareOf(tally.nearest, 'largest') - most)).toBeLessThanOrEqual(1.001e-3 * most)
  const { rows } = nearestTable({ ...emptyResults(''), honest: { [equation.id]: tally } })
  const row = rows.find(([name]) => name === 'largest abs(z)')
  expect(row?.at(-1)).toMatch(/^sparsifiner\/eq6 [23] \S+ X_next/)
})
