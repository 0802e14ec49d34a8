import { attentionMutants } from './attention.ts'
import { basisLossMutants } from './basis-losses.ts'
import { coefficientMutants } from './coefficients.ts'
import { connectivityMutants } from './connectivity.ts'
import { layerMutants } from './layers.ts'
import { logitLossMutants } from './logit-losses.ts'
import { lowRankMutants } from './low-rank.ts'
import { maskedAttentionMutants } from './masked-attention.ts'
import type { Mutant } from './mutant.ts'
import { normMutants } from './norms.ts'
import { poolingMutants } from './pooling.ts'
import { precisionMutants } from './precision.ts'
import { reductionMutants } from './reductions.ts'
import { sparseValueMutants } from './sparse-values.ts'
import { totalLossMutants } from './total-loss.ts'

export { CLASSES, type Class, type Mutant } from './mutant.ts'

/** The frozen catalogue: no threshold may be tuned on what is not in it, and none of it may go. */
export const mutants: readonly Mutant[] = [
  ...layerMutants,
  ...normMutants,
  ...attentionMutants,
  ...poolingMutants,
  ...lowRankMutants,
  ...coefficientMutants,
  ...connectivityMutants,
  ...maskedAttentionMutants,
  ...sparseValueMutants,
  ...reductionMutants,
  ...logitLossMutants,
  ...basisLossMutants,
  ...totalLossMutants,
  ...precisionMutants,
]

/** The mutants of one equation. */
export function mutantsOf(equation: string): readonly Mutant[] {
  return mutants.filter(({ equations }) => equations.includes(equation))
}
