import type { Equation } from '../catalogue/schema.ts'
import type { Judge } from '../verdict/judgement.ts'
import { emptyResults, sizeResult, withTrial, type EquationResult, type Results } from './results.ts'
import { sweepEquation } from './sweep.ts'
import { trial, trialAtSize } from './trial.ts'

/** Seeds of which the sweeps are made: one of each magnitude, twice. */
const SWEPT = 6

export interface Plan {
  readonly equations: readonly Equation[]
  readonly from: number
  readonly seeds: number
  readonly judge: Judge
  /** Whether the least faults caught are looked for too, and honest runtimes asked at the size of a model. */
  readonly sweep: boolean
  /** What was found before; what it has is not run again. */
  readonly before?: Results | undefined
}

/** Trials and sweeps still to be run, each as what it is about. */
export function stepsOf({ equations, from, seeds, sweep, before }: Plan): number {
  const left = equations.map(({ id }) => {
    const done = doneOf(before?.equations[id], from)
    const once = [before?.sweeps[id], before?.atSize[id]].filter((found) => found === undefined)
    return Math.max(0, seeds - done) + (sweep ? once.length : 0)
  })
  return left.reduce((sum, n) => sum + n, 0)
}

/** Seeds done, if they begin where they should. */
function doneOf(found: EquationResult | undefined, from: number): number {
  return found === undefined || found.from !== from ? 0 : found.count
}

/** Runs what is left to run, one trial or sweep a step, and gives what is known after each. */
export function* measure(plan: Plan): Generator<{ readonly label: string; readonly results: Results }> {
  const { equations, from, seeds, judge, sweep, before } = plan
  let results = before ?? emptyResults(judge.name)
  const started = performance.now()
  const earlier = results.seconds
  const keep = (changed: Partial<Results>): Results => {
    const seconds = earlier + (performance.now() - started) / 1000
    return (results = { ...results, ...changed, seconds })
  }
  for (const equation of equations) {
    const { id } = equation
    const done = doneOf(results.equations[id], from)
    let found = done === 0 ? undefined : results.equations[id]
    for (let seed = from + done; seed < from + seeds; seed++) {
      found = withTrial(found, trial(equation, seed, judge))
      yield {
        label: `${id} ${seed}`,
        results: keep({ equations: { ...results.equations, [id]: found } }),
      }
    }
    if (!sweep) continue
    if (results.atSize[id] === undefined) {
      const runs = sizeResult(from, trialAtSize(equation, from, judge))
      yield { label: `${id} at size`, results: keep({ atSize: { ...results.atSize, [id]: runs } }) }
    }
    if (results.sweeps[id] !== undefined) continue
    const swept = sweepEquation(
      equation,
      Array.from({ length: SWEPT }, (_, i) => from + i),
      judge,
    )
    yield { label: `${id} sweeps`, results: keep({ sweeps: { ...results.sweeps, [id]: swept } }) }
  }
}
