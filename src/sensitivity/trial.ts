import type { Evaluator } from '../../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../../reference/float32/index.ts'
import { float64 } from '../arithmetics/float64.ts'
import { probeQuestion, probes, type Probe } from '../catalogue/probes/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import { rawOf } from '../cases/write-case.ts'
import type { Judge } from '../verdict/judgement.ts'
import { runtime } from './legal/arithmetic.ts'
import { plain } from './legal/choices.ts'
import { variants } from './legal/variants.ts'
import { beyondLegal } from './imitation.ts'
import { mutantsOf, type Mutant } from './mutants/index.ts'
import { nearnessOf, type Nearness } from './nearness.ts'
import { play, shown, type Answer, type Exposure } from './play.ts'
import { drawn, drawnAtSize } from './questions.ts'
import { judgementsOf, said, settingOf, type Said, type Setting } from './said.ts'
import { signal } from './signal.ts'

/** Below this ‖(bug − truth)/s‖ a bug drowns in legal noise, whoever looks. */
export const VISIBLE = 6
/** No legal function was seen to make more than a hundredth of this: above it nothing near is looked for. */
const LOUD = 1e4
/** Below this a bug does nothing on a question: what is left is float64’s own rounding. */
const SILENT = 1e-3

/** One honest runtime, or a disputed one, on one question. */
export interface LegalRun extends Said {
  readonly variant: string
  /** The first variant that gave the very same tensors: then this one adds nothing. */
  readonly sameAs?: string
  /** How near it came to being called wrong. */
  readonly near: Nearness
}

/** One bug on one question. */
export interface MutantRun extends Said {
  readonly mutant: string
  /** ‖(bug − truth)/s‖, by exposure; 0 where the bug does nothing on the question. */
  readonly signal: Readonly<Record<Exposure, number>>
  /** How far it is from the nearest legal runtime, as loud; at most `signal`. Looked for where it is visible. */
  readonly beyond: Readonly<Record<Exposure, number>>
}

/** All runs on one question. */
export interface Trial {
  readonly equation: string
  readonly seed: number
  /** What runs are counted under: of a drawn question the magnitude of its streams, of a probe its name. */
  readonly group: string
  /** How the question is called in lists: `500003`, `ties 500000`. */
  readonly label: string
  readonly legal: readonly LegalRun[]
  readonly mutants: readonly MutantRun[]
}

/** Runs every honest runtime and every mutant of the equation on the question of a seed. */
export function trial(equation: Equation, seed: number, judge: Judge): Trial {
  const { question, magnitude } = drawn(equation, seed)
  const setting = settingOf(question, judge)
  return {
    equation: equation.id,
    seed,
    group: String(magnitude),
    label: String(seed),
    legal: legalRuns(setting),
    mutants: mutantRuns(setting, seed),
  }
}

/** Runs the honest runtimes alone. */
export function honestTrial(equation: Equation, seed: number, judge: Judge): Trial {
  const { question, magnitude } = drawn(equation, seed)
  return {
    equation: equation.id,
    seed,
    group: String(magnitude),
    label: String(seed),
    legal: legalRuns(settingOf(question, judge)),
    mutants: [],
  }
}

/** Runs all of them on a probe's question. */
export function probeTrial(equation: Equation, probe: Probe, seed: number, judge: Judge): Trial {
  const setting = settingOf(probeQuestion(probe, equation, seed), judge)
  return {
    equation: equation.id,
    seed,
    group: probe.name,
    label: `${probe.name} ${seed}`,
    legal: legalRuns(setting),
    mutants: mutantRuns(setting, seed + probes.indexOf(probe)),
  }
}

/** Runs every honest runtime on the question of a seed at the size of a model. */
export function trialAtSize(equation: Equation, seed: number, judge: Judge): readonly LegalRun[] {
  return legalRuns(settingOf(drawnAtSize(equation, seed).question, judge))
}

function legalRuns(setting: Setting): LegalRun[] {
  const seen = new Map<string, LegalRun>()
  const runs: LegalRun[] = []
  for (const { id, runtime: make } of variants) {
    const answer = play(make(), setting.question)
    const key = bytesOf(answer)
    const same = seen.get(key)
    if (same === undefined) {
      const judgements = judgementsOf(setting, answer)
      const run = { variant: id, ...said(setting, answer, judgements), near: nearnessOf(judgements) }
      seen.set(key, run)
      runs.push(run)
    } else runs.push({ ...same, variant: id, sameAs: same.variant })
  }
  return runs
}

function bytesOf(answer: Answer): string {
  return [...answer].map(([name, value]) => name + Buffer.from(rawOf(value).bytes).toString('latin1')).join()
}

/** What a bug is planted in, and its answer without. */
interface Base {
  readonly runtime: Evaluator<FullKinds>
  readonly clean: Answer
}

/** Bugs are planted in the reference and in the plain sequential runtime by turns. */
function mutantRuns(setting: Setting, turn: number): MutantRun[] {
  const { question } = setting
  const base = turn % 2 === 0 ? float32Dense() : runtime('plain', plain)
  const clean = play(base, question)
  return mutantsOf(question.equation.id).map((mutant) => mutantRun(setting, mutant, { runtime: base, clean }))
}

function mutantRun(setting: Setting, mutant: Mutant, base: Base): MutantRun {
  const { question, noise } = setting
  const exactly = mutant.plant({ runtime: float64(), question })
  const bug = play(exactly.runtime, exactly.question)
  const planted = mutant.plant({ runtime: base.runtime, question })
  const answer = play(planted.runtime, planted.question)
  const loudness = (exposure: Exposure): number => {
    // what rounding to float32 hides altogether is not there to be found
    if (bytesOf(shown(question, answer, exposure)) === bytesOf(shown(question, base.clean, exposure)))
      return 0
    const found = signal(question, noise, bug, exposure)
    return found < SILENT ? 0 : found
  }
  const loud = { outputs: loudness('outputs'), intermediates: loudness('intermediates') }
  const beyond = (exposure: Exposure): number =>
    loud[exposure] < VISIBLE || loud[exposure] >= LOUD
      ? loud[exposure]
      : Math.min(loud[exposure], beyondLegal(question, noise, bug, exposure))
  const heard = {
    mutant: mutant.id,
    signal: loud,
    beyond: { outputs: beyond('outputs'), intermediates: beyond('intermediates') },
  }
  if (loud.intermediates > 0 || loud.outputs > 0) return { ...heard, ...said(setting, answer) }
  const silent = { outputs: 'green', intermediates: 'green' } as const
  return { ...heard, touchstone: silent, directed: silent, others: {} }
}
