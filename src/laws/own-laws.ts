import type { Law } from './law.ts'

/** The laws that examine one equation and no other: none that is planted in another equation sets them off. */
export function ownLawsOf(id: string, laws: readonly Law[]): readonly Law[] {
  return laws.filter(({ equations }) => equations.length === 1 && equations[0] === id)
}
