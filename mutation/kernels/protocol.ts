import type { KernelForm } from '../../gpu/arithmetic/forms.ts'

/** What became of a mutant. `invalid`: it does not compile. `timed out`: nothing was heard for a minute. */
export const OUTCOMES = ['killed', 'survived', 'timed out', 'invalid'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What a worker is told on its command line, as JSON. */
export interface Task {
  readonly form: KernelForm
  /** Part of the names of the files that are tried. */
  readonly filter: string
  /** Of all mutants in order, the first to try, and every how manieth. */
  readonly from: number
  readonly step: number
  /** Drawn questions of each equation. */
  readonly cases: number
}

/** What a worker says of a mutant. */
export interface Tried {
  readonly index: number
  readonly file: string
  readonly line: number
  readonly change: string
  readonly outcome: Outcome
  /** The question that found it. */
  readonly by?: string
}
