import { attentionMutants } from './attention.ts'
import { layerMutants } from './layers.ts'
import { lossMutants } from './losses.ts'
import type { Mutant } from './mutant.ts'
import { normMutants } from './norms.ts'
import { poolingMutants } from './pooling.ts'
import { precisionMutants } from './precision.ts'
import { sparseMutants } from './sparse.ts'

export type { Class, Mutant } from './mutant.ts'

/** The frozen catalogue: no threshold may be tuned on what is not in it, and none of it may go. */
export const mutants: readonly Mutant[] = [
  ...layerMutants,
  ...normMutants,
  ...attentionMutants,
  ...poolingMutants,
  ...sparseMutants,
  ...lossMutants,
  ...precisionMutants,
]

/** The mutants of one equation. */
export function mutantsOf(equation: string): readonly Mutant[] {
  return mutants.filter(({ equations }) => equations.includes(equation))
}
