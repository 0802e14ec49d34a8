import { float64 } from '../arithmetics/float64.ts'
import type { Question } from '../cases/question.ts'
import { rawOf } from '../cases/write-case.ts'
import { worstOf, type Judge, type Judgement, type Verdict } from '../verdict/judgement.ts'
import { comparators, termSums, type Compared } from './comparators/index.ts'
import { runtime } from './legal/arithmetic.ts'
import { plain } from './legal/choices.ts'
import { EXPOSURES, play, shown, type Answer, type Exposure } from './play.ts'
import { truthOf, type Truth } from './signal.ts'

/** Red is `fail` or `suspect`. */
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

/** Everything there is to say about a question before anybody answers it. */
export interface Setting {
  readonly question: Question
  readonly judge: ReturnType<Judge['about']>
  readonly truth: Answer
  readonly plain: Answer
  readonly noise: Truth
  readonly scales: Compared['scales']
}

/** {@link Setting} of a question; what the judge makes of the question itself is worked out once. */
export function settingOf(question: Question, judge: Judge): Setting {
  let scales: ReturnType<Compared['scales']> | undefined
  return {
    question,
    judge: judge.about(question),
    truth: shown(question, play(float64(), question), 'outputs'),
    plain: shown(question, play(runtime('plain', plain), question), 'outputs'),
    noise: truthOf(question),
    scales: () => (scales ??= termSums(question)),
  }
}

/** Touchstone's judgements of an answer, in the order of {@link EXPOSURES}. */
export function judgementsOf({ question, judge }: Setting, answer: Answer): readonly Judgement[] {
  return EXPOSURES.map((exposure) =>
    judge(new Map([...shown(question, answer, exposure)].map(([name, value]) => [name, rawOf(value)]))),
  )
}

/** What Touchstone says at both exposures, and what the others say of the outputs. */
export function said(
  setting: Setting,
  answer: Answer,
  judgements: readonly Judgement[] = judgementsOf(setting, answer),
): Said {
  const { question, truth, plain: other, scales } = setting
  const compared: Compared = {
    question,
    found: shown(question, answer, 'outputs'),
    truth,
    plain: other,
    scales,
  }
  const complaint = judgements.flatMap((judgement, i) =>
    colour(judgement.verdict) === 'red' ? [`${EXPOSURES[i]}: ${complaintOf(judgement)}`] : [],
  )
  const [outputs, intermediates] = judgements
  return {
    touchstone: { outputs: colour(undirected(outputs)), intermediates: colour(undirected(intermediates)) },
    directed: judgements.some(({ blame }) => blame === undefined)
      ? undefined
      : { outputs: colour(outputs.verdict), intermediates: colour(intermediates.verdict) },
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
