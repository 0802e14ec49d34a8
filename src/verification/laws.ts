import type { Answerer } from '../arithmetics/index.ts'
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

/** The largest extent trials are drawn with. */
const LARGEST = 14

/** Tries a law at seeds `seed`, `seed + 1`, …, until it breaks. */
export function tryLaw(answerer: Answerer, law: Law, seed: number, trials: number): LawResult {
  const lab = answerer.use(laboratory)
  const about = { law: law.id, statement: law.statement, equations: law.equations }
  for (let i = 0; i < trials; i++) {
    const trial = { seed: seed + i, largest: LARGEST }
    try {
      law.holds(lab, trial)
    } catch (error) {
      if (!(error instanceof LawBroken)) throw error
      return { ...about, verdict: 'fail', trials: i + 1, broken: { trial, message: error.message } }
    }
  }
  return { ...about, verdict: 'pass', trials }
}
