import type { Question } from '../cases/question.ts'
import type { RawTensor } from '../cases/raw-tensor.ts'
import type { Arrangement } from './arrangement/index.ts'
import type { Blame } from './directions/index.ts'
import type { Profile } from './profile/profile.ts'
import type { Statistic } from './statistics/index.ts'

/**
 * `fail`: outside what any float32 evaluation that the profile allows can give, a proof. `suspect`: inside that bound, but
 * further from truth than rounding noise goes. `not-judged`: what nobody can judge, which never counts as a `pass`.
 */
export type Verdict = 'pass' | 'suspect' | 'fail' | 'not-judged'

/** The element that is furthest off: in shares of its bound if that is passed anywhere, else in units of legal noise. */
export interface Worst {
  readonly coordinates: readonly number[]
  readonly expected: number
  readonly found: number
  readonly expectedHex: string
  readonly foundHex: string
  /** In float32 numbers; null for masks and where one is not a number. */
  readonly ulp: number | null
  /** The furthest that any legal runtime can be off there; null where that is unlimited. */
  readonly bound: number | null
  /** |found − expected| in standard deviations of legal float32 noise there; null where it is infinite. */
  readonly deviations: number | null
}

/** One tensor held against what the equation gives. */
export interface Comparison {
  readonly verdict: Verdict
  /** Why it is not a pass, in words. */
  readonly reason?: string
  /** How many elements could be held against noise; those that hang on an open choice are held against bounds alone. */
  readonly elements: number
  /** Of these, how many against noise alone: a legal runtime may overflow on the way there, or divide by zero. */
  readonly unprovable: number
  /** The largest |found − expected| as a share of its bound, above 1 a proof; null for masks and where it is infinite. */
  readonly share: number | null
  /** Root mean square of the error in standard deviations of legal noise; for masks null. */
  readonly rms: number | null
  /** What was found of the errors as a whole, against thresholds that are measured; for masks none. */
  readonly statistics: readonly Statistic[]
  readonly worst?: Worst
  /** Mask entries that differ from truth's, and how many of those rounding could explain. */
  readonly flips?: { readonly total: number; readonly legal: number; readonly ambiguousShare: number }
}

/** What is said of one `output.NAME`. */
export interface OutputJudgement {
  readonly name: string
  /** The worse of its comparisons. */
  readonly verdict: Verdict
  readonly reason?: string
  /** Held against the equation evaluated from the case's inputs. Outputs only. */
  readonly fromInputs?: Comparison
  /** Held against the equation going on from the runtime's own upstream tensors, as far as the file has them. */
  readonly fromUpstream?: Comparison
  /** Where a proof fails it: that it is another tensor, or the right one in another order, or wrong in one part alone. */
  readonly arrangement?: Arrangement
}

/** What is said of one case. */
export interface Judgement {
  readonly id: string
  readonly verdict: Verdict
  /** Bugs that the errors look like, the best explanation first; undefined where none was looked for. */
  readonly blame?: Blame
  /** In order of computing: the first that is wrong on its own upstream is where to look. */
  readonly outputs: readonly OutputJudgement[]
  /** Outputs the file does not have. */
  readonly absent: readonly string[]
  /** Masks the file does not have, of which rounding may turn some rows: those were chosen as fits the file best. */
  readonly settled?: readonly { readonly name: string; readonly rows: number }[]
}

/** Whoever judges. */
export interface Judge {
  /** What a verdict means here, versions included; printed with every verdict. */
  readonly name: string
  /** Of what a legal runtime may do; a verdict is relative to it. */
  readonly profile: Profile
  /**
   * @param outputs `NAME` of every `output.NAME` of the case
   * @throws QuestionError for outputs of a dtype that cannot be read
   */
  judge(question: Question, outputs: ReadonlyMap<string, RawTensor>): Judgement
  /** The same of several answers to one question: what the equation gives from its inputs is worked out once. */
  about(question: Question): (outputs: ReadonlyMap<string, RawTensor>) => Judgement
}

const SEVERITY: readonly Verdict[] = ['pass', 'suspect', 'fail']

/** The worst of what was judged: fail over suspect over pass; not-judged where nothing was. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const judged = verdicts.filter((verdict) => verdict !== 'not-judged')
  if (judged.length === 0) return 'not-judged'
  return judged.reduce((worst, verdict) =>
    SEVERITY.indexOf(verdict) > SEVERITY.indexOf(worst) ? verdict : worst,
  )
}
