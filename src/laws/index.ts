import { aloneLaws } from './alone.ts'
import { attentionSplitLaws } from './attention-split.ts'
import { batchLaws } from './batch.ts'
import { connectivityLaws } from './connectivity.ts'
import { crossAttentionLaws } from './cross-attention.ts'
import { fileLaws } from './files.ts'
import { kernelLaws } from './kernels.ts'
import type { Law } from './law.ts'
import { logitLossLaws } from './losses.ts'
import { lowRankLaws } from './low-rank.ts'
import { normLaws } from './norms.ts'
import { poolingLaws } from './pooling.ts'
import { recoveryAndLayerLaws } from './recovery-and-layers.ts'
import { scoreLaws } from './scores.ts'
import { softmaxLaws } from './softmax.ts'
import { sparseAttentionLaws } from './sparse-attention.ts'
import { sparseRowLaws } from './sparse-rows.ts'
import { sparseValueLaws } from './sparse-values.ts'
import { squaredLossLaws } from './squared-losses.ts'
import { sparsifinerSurroundingLaws } from './surroundings-sparsifiner.ts'
import { stvitSurroundingLaws } from './surroundings-stvit.ts'
import { totalLossLaws } from './total-loss.ts'
import { windowLaws } from './windows.ts'
import { witnessLaws } from './witness.ts'

export type { Law, Trial } from './law.ts'
export { LawBroken } from './law.ts'
export { laboratory, plantedLaboratory } from './lab.ts'

/** Every law, in the order `verify` tries them: as the papers number their equations, then what concerns them all. */
export const laws: readonly Law[] = [
  ...crossAttentionLaws,
  ...attentionSplitLaws,
  ...recoveryAndLayerLaws,
  ...normLaws,
  ...kernelLaws,
  ...windowLaws,
  ...poolingLaws,
  ...stvitSurroundingLaws,
  ...softmaxLaws,
  ...lowRankLaws,
  ...scoreLaws,
  ...connectivityLaws,
  ...sparseAttentionLaws,
  ...sparseValueLaws,
  ...sparseRowLaws,
  ...logitLossLaws,
  ...squaredLossLaws,
  ...totalLossLaws,
  ...aloneLaws,
  ...witnessLaws,
  ...sparsifinerSurroundingLaws,
  ...batchLaws,
  ...fileLaws,
]
