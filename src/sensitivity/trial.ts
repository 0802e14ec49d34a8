import type { Evaluator } from '../../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../../reference/float32/index.ts'
import { float64 } from '../arithmetics/float64.ts'
import type { Equation } from '../catalogue/schema.ts'
import { rawOf } from '../cases/write-case.ts'
import { worstOf, type Judge, type Judgement, type Verdict } from '../verdict/judgement.ts'
import { comparators, termSums, type Compared } from './comparators/index.ts'
import { runtime } from './legal/arithmetic.ts'
import { plain } from './legal/choices.ts'
import { variants } from './legal/variants.ts'
import { mutantsOf, type Mutant } from './mutants/index.ts'
import { EXPOSURES, play, shown, type Answer, type Exposure } from './play.ts'
import { drawn, drawnAtSize, type Drawn } from './questions.ts'
import { signal, truthOf, type Truth } from './signal.ts'

/** Below this ‖(bug − truth)/s‖ a bug drowns in legal noise, whoever looks. */
export const VISIBLE = 6
/** Below this a bug does nothing on a question: what is left is float64’s own rounding. */
const SILENT = 1e-3

export type Colour = 'red' | 'green' | 'not judged'

/** What everybody said of one answer: red or not, by exposure for Touchstone, by name for the others. */
export interface Said {
  readonly touchstone: Readonly<Record<Exposure, Colour>>
  /** With the directions that the judge tried besides; undefined where it tries none. */
  readonly directed?: Readonly<Record<Exposure, Colour>> | undefined
  /** Undefined where a comparator says nothing of such outputs. */
  readonly others: Readonly<Record<string, boolean | undefined>>
  /** What Touchstone complained of, for the exposures where it did. */
  readonly complaint?: string
}

export interface LegalRun extends Said {
  readonly variant: string
  /** The first variant that gave the very same tensors: then this one adds nothing. */
  readonly sameAs?: string
}

export interface MutantRun extends Said {
  readonly mutant: string
  /** ‖(bug − truth)/s‖, by exposure; 0 where the bug does nothing on the question. */
  readonly signal: Readonly<Record<Exposure, number>>
}

/** All runs on one question. */
export interface Trial {
  readonly equation: string
  readonly seed: number
  readonly magnitude: number
  readonly legal: readonly LegalRun[]
  readonly mutants: readonly MutantRun[]
}

/** Everything there is to say about a question before anybody answers it. */
export interface Setting extends Drawn {
  readonly judge: Judge
  readonly truth: Answer
  readonly plain: Answer
  readonly noise: Truth
  readonly scales: Compared['scales']
}

export function settingOf(draw: Drawn, judge: Judge): Setting {
  const { question } = draw
  let scales: ReturnType<Compared['scales']> | undefined
  return {
    ...draw,
    judge,
    truth: shown(question, play(float64(), question), 'outputs'),
    plain: shown(question, play(runtime('plain', plain), question), 'outputs'),
    noise: truthOf(question),
    scales: () => (scales ??= termSums(question)),
  }
}

/** Runs every honest runtime and every mutant of the equation on the question of a seed. */
export function trial(equation: Equation, seed: number, judge: Judge): Trial {
  const setting = settingOf(drawn(equation, seed), judge)
  const base = baseOf(setting, seed)
  return {
    equation: equation.id,
    seed,
    magnitude: setting.magnitude,
    legal: legalRuns(setting),
    mutants: mutantsOf(equation.id).map((mutant) => mutantRun(setting, mutant, base)),
  }
}

/** Runs every honest runtime on the question of a seed at the size of a model. */
export function trialAtSize(equation: Equation, seed: number, judge: Judge): readonly LegalRun[] {
  return legalRuns(settingOf(drawnAtSize(equation, seed), judge))
}

/** What a bug is planted in, and its answer without. */
interface Base {
  readonly runtime: Evaluator<FullKinds>
  readonly clean: Answer
}

/** Bugs are planted in the reference and in the plain sequential runtime by turns. */
function baseOf({ question }: Setting, seed: number): Base {
  const base = seed % 2 === 0 ? float32Dense() : runtime('plain', plain)
  return { runtime: base, clean: play(base, question) }
}

function legalRuns(setting: Setting): LegalRun[] {
  const seen = new Map<string, LegalRun>()
  const runs: LegalRun[] = []
  for (const { id, runtime: make } of variants) {
    const answer = play(make(), setting.question)
    const key = bytesOf(answer)
    const same = seen.get(key)
    const { touchstone, directed, others, complaint } = same ?? said(setting, answer)
    const run: LegalRun = {
      variant: id,
      touchstone,
      directed,
      others,
      ...(complaint === undefined ? {} : { complaint }),
      ...(same === undefined ? {} : { sameAs: same.variant }),
    }
    if (same === undefined) seen.set(key, run)
    runs.push(run)
  }
  return runs
}

function bytesOf(answer: Answer): string {
  return [...answer.values()].map((value) => Buffer.from(rawOf(value).bytes).toString('latin1')).join('')
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
  if (loud.intermediates > 0 || loud.outputs > 0) {
    return { mutant: mutant.id, signal: loud, ...said(setting, answer) }
  }
  const silent = { outputs: 'green', intermediates: 'green' } as const
  return { mutant: mutant.id, signal: loud, touchstone: silent, directed: silent, others: {} }
}

/** What Touchstone says at both exposures, and what the others say of the outputs. */
export function said(setting: Setting, answer: Answer): Said {
  const { question, judge, truth, plain: other, scales } = setting
  const verdicts = EXPOSURES.map((exposure) => {
    const outputs = new Map(
      [...shown(question, answer, exposure)].map(([name, value]) => [name, rawOf(value)]),
    )
    return judge.judge(question, outputs)
  })
  const found = shown(question, answer, 'outputs')
  const compared: Compared = { question, found, truth, plain: other, scales }
  const complaint = verdicts.flatMap((judgement, i) =>
    colour(judgement.verdict) === 'red' ? [`${EXPOSURES[i]}: ${complaintOf(judgement)}`] : [],
  )
  return {
    touchstone: { outputs: colour(undirected(verdicts[0])), intermediates: colour(undirected(verdicts[1])) },
    directed: verdicts.some(({ blame }) => blame === undefined)
      ? undefined
      : { outputs: colour(verdicts[0].verdict), intermediates: colour(verdicts[1].verdict) },
    others: Object.fromEntries(comparators.map(({ id, alarmed }) => [id, alarmed(compared)])),
    ...(complaint.length === 0 ? {} : { complaint: complaint.join('; ') }),
  }
}

/** The verdict that the judge gives where it tries no directions: they only add suspicions. */
function undirected({ outputs }: Judgement): Verdict {
  return worstOf(outputs.map(({ verdict }) => verdict))
}

function colour(verdict: Verdict): Colour {
  if (verdict === 'not-judged') return 'not judged'
  return verdict === 'pass' ? 'green' : 'red'
}

function complaintOf({ outputs, blame }: Judgement): string {
  return outputs
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'suspect')
    .map(({ name, verdict, reason }) => `${name} ${verdict}, ${reason ?? 'no reason given'}`)
    .concat((blame?.findings ?? []).map(({ sentence }) => sentence))
    .join(' | ')
}
