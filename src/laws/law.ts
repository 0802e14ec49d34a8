import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { RowKinds } from '../../reference/float32/index.ts'
import type { Codec, Lab } from './lab.ts'

/** Where a law is tried: everything random in it follows from these. */
export interface Trial {
  readonly seed: number
  /** The largest extent that sizes are drawn with; shrinking makes it smaller. */
  readonly largest: number
}

/**
 * A statement that holds of the equations whatever the question: what `verify` and the property tests try. Each law
 * names a planted bug that it notices, so that a law that cannot fail is found out.
 */
export interface Law {
  /** Stable: `eq3-is-the-attention-inside-eq2`. */
  readonly id: string
  readonly statement: string
  /** Where it comes from: the contract, a paper's sentence, algebra. */
  readonly source: string
  /** Ids of the equations it examines; none for laws of primitives and files. */
  readonly equations: readonly string[]
  /**
   * Tries the law once.
   * @throws LawBroken where it does not hold
   */
  holds(lab: Lab, trial: Trial): void
  readonly mutant: RulesMutant | CodecMutant
  /** At most so many trials where many are asked for: a law that asks the scalar transcriptions takes its time. */
  readonly trials?: number
}

/** A bug planted in the reference's arithmetic. */
export interface RulesMutant {
  /** What is wrong with it, in a few words. */
  readonly name: string
  plant(rules: Arithmetic<RowKinds>): Partial<Arithmetic<RowKinds>>
}

/** A bug planted in the reader or writer of tensor files. */
export interface CodecMutant {
  readonly name: string
  corrupt(codec: Codec): Partial<Codec>
}

/** A law did not hold; the message says of what, where and by how much. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken'
}
