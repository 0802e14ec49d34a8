import { isSimulated, type Answerer } from '../arithmetics/index.ts'
import { laboratory, LawBroken, type Law, type Trial } from '../laws/index.ts'

/** A law tried in an arithmetic. */
export interface LawResult {
  readonly law: string
  readonly statement: string
  readonly equations: readonly string[]
  readonly verdict: 'pass' | 'fail'
  readonly trials: number
  /** Where it broke first, and how. */
  readonly broken?: { readonly trial: Trial; readonly message: string }
}

/**
 * Laws that hold of the reference's own sums, in float64 and rounded once, and of no runtime that rounds as it sums: the same bits
 * whether rows are compressed or whole, and the mean of equal numbers equal to them.
 */
const OF_SUMS_ROUNDED_ONCE: readonly string[] = [
  'choosing-by-compressed-rows-is-choosing-by-whole-rows',
  'attending-by-compressed-rows-is-attending-by-whole-rows',
  'a-constant-map-pools-to-its-constant',
]

/** Whether the law binds this arithmetic. */
export function binds({ id }: Law, { name }: Answerer): boolean {
  return !isSimulated(name) || !OF_SUMS_ROUNDED_ONCE.includes(id)
}

/** The largest extent trials are drawn with. */
const LARGEST = 14

/** Tries a law at seeds `seed`, `seed + 1`, …, until it breaks, or as often as the law says where that is less often. */
export function tryLaw(answerer: Answerer, law: Law, seed: number, trials: number): LawResult {
  const lab = answerer.use(laboratory)
  const about = { law: law.id, statement: law.statement, equations: law.equations }
  const most = Math.min(trials, law.trials ?? trials)
  for (let i = 0; i < most; i++) {
    const trial = { seed: seed + i, largest: LARGEST }
    try {
      law.holds(lab, trial)
    } catch (error) {
      if (!(error instanceof LawBroken)) throw error
      return { ...about, verdict: 'fail', trials: i + 1, broken: { trial, message: error.message } }
    }
  }
  return { ...about, verdict: 'pass', trials: most }
}
