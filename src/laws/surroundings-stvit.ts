import { adaptivePoolingLaws } from './adaptive-pooling.ts'
import type { Law } from './law.ts'
import { endLaws } from './patches-and-classifier.ts'
import { surroundingUnitLaws } from './surrounding-units.ts'
import { tinyVarianceLaws } from './tiny-variance.ts'
import { windowPartitionLaws } from './window-partition.ts'

/** Laws of what surrounds the equations of STViT. */
export const stvitSurroundingLaws: readonly Law[] = [
  ...adaptivePoolingLaws,
  ...windowPartitionLaws,
  ...endLaws,
  ...surroundingUnitLaws,
  ...tinyVarianceLaws,
]
