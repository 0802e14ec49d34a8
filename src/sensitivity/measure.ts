import { probesFor } from '../catalogue/probes/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import type { Judge } from '../verdict/judgement.ts'
import { emptyResults, type EquationResult, type Results } from './results.ts'
import { sweepEquation } from './sweep.ts'
import { sizeResult, withTrial } from './tally.ts'
import { honestTrial, probeTrial, trial, trialAtSize, type Trial } from './trial.ts'

/** Seeds of which the sweeps are made: one of each magnitude, twice. */
const SWEPT = 6

/** What is to be measured: which questions, by whom judged. */
export interface Plan {
  readonly equations: readonly Equation[]
  readonly from: number
  readonly seeds: number
  /** Drawn questions after those of `seeds` that honest runtimes alone are asked. */
  readonly honest: number
  /** Questions of every probe that says something of an equation, seeds from `from` on. */
  readonly probeSeeds: number
  readonly judge: Judge
  /** Whether the least faults caught are looked for too, and honest runtimes asked at the size of a model. */
  readonly sweep: boolean
  /** What was found before; what it has is not run again. */
  readonly before?: Results | undefined
}

/** One step of a measurement. */
interface Step {
  readonly label: string
  run(results: Results): Results
}

/** Trials and sweeps still to be run. */
export function stepsOf(plan: Plan): number {
  return planned(plan, startOf(plan)).length
}

/** Runs what is left to run, one trial or sweep a step, and gives what is known after each. */
export function* measure(plan: Plan): Generator<{ readonly label: string; readonly results: Results }> {
  let results = startOf(plan)
  const started = performance.now()
  const earlier = results.seconds
  for (const { label, run } of planned(plan, results)) {
    results = { ...run(results), seconds: earlier + (performance.now() - started) / 1000 }
    yield { label, results }
  }
}

/**
 * What was found before, less what does not begin where it should: seeds that honest runtimes alone were asked and all are to be asked now.
 */
export function startOf({ equations, from, seeds, before, judge }: Plan): Results {
  if (before === undefined) return emptyResults(judge.name)
  const honest = { ...before.honest }
  for (const { id } of equations) {
    if (honest[id] !== undefined && honest[id].from !== afterAll(before, id, from, seeds)) delete honest[id]
  }
  return { ...before, honest }
}

function planned(plan: Plan, results: Results): Step[] {
  return plan.equations.flatMap((equation) => [
    ...trials(plan, results, equation),
    ...single(plan, results, equation),
  ])
}

function trials(
  { from, seeds, honest, probeSeeds, judge }: Plan,
  results: Results,
  equation: Equation,
): Step[] {
  const { id } = equation
  const first = afterAll(results, id, from, seeds)
  const own = probesFor(equation)
  const asked = Array.from({ length: probeSeeds }, (_, i) =>
    own.map((probe) => ({ probe, seed: from + i })),
  ).flat()
  return [
    ...left(seeds, results.equations[id], from).map((i) =>
      step('equations', id, String(from + i), () => trial(equation, from + i, judge), i),
    ),
    ...left(honest, results.honest[id], first).map((i) =>
      step('honest', id, `${first + i} honest`, () => honestTrial(equation, first + i, judge), i),
    ),
    ...left(asked.length, results.probes[id], from).map((i) => {
      const { probe, seed } = asked[i]
      return step('probes', id, `${probe.name} ${seed}`, () => probeTrial(equation, probe, seed, judge), i)
    }),
  ]
}

/** One more trial; the first of its kind begins anew. */
function step(
  part: 'equations' | 'honest' | 'probes',
  id: string,
  label: string,
  run: () => Trial,
  i: number,
): Step {
  return {
    label: `${id} ${label}`,
    run: (results) => ({
      ...results,
      [part]: { ...results[part], [id]: withTrial(i === 0 ? undefined : results[part][id], run()) },
    }),
  }
}

function single({ from, judge, sweep }: Plan, { atSize, sweeps }: Results, equation: Equation): Step[] {
  const { id } = equation
  const size: Step = {
    label: `${id} at size`,
    run: (now) => ({
      ...now,
      atSize: { ...now.atSize, [id]: sizeResult(from, trialAtSize(equation, from, judge)) },
    }),
  }
  const swept: Step = {
    label: `${id} sweeps`,
    run: (now) => {
      const seeds = Array.from({ length: SWEPT }, (_, i) => from + i)
      return { ...now, sweeps: { ...now.sweeps, [id]: sweepEquation(equation, seeds, judge) } }
    },
  }
  if (!sweep) return []
  return [...(atSize[id] === undefined ? [size] : []), ...(sweeps[id] === undefined ? [swept] : [])]
}

/** Questions still to be asked, of so many, by number. */
function left(count: number, found: EquationResult | undefined, from: number): number[] {
  const done = doneOf(found, from)
  return Array.from({ length: Math.max(0, count - done) }, (_, i) => done + i)
}

/** Questions asked, if they begin where they should. */
function doneOf(found: EquationResult | undefined, from: number): number {
  return found === undefined || found.from !== from ? 0 : found.count
}

/** The first seed that only honest runtimes are asked. */
function afterAll({ equations }: Results, id: string, from: number, seeds: number): number {
  return from + Math.max(seeds, doneOf(equations[id], from))
}
