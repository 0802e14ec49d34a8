import type { Law } from './law.ts'
import { surroundingMapLaws } from './surrounding-maps.ts'
import { surroundingUnitLaws } from './surrounding-units.ts'
import { tinyVarianceLaws } from './tiny-variance.ts'

/** Laws of what surrounds the equations of STViT. */
export const stvitSurroundingLaws: readonly Law[] = [
  ...surroundingMapLaws,
  ...surroundingUnitLaws,
  ...tinyVarianceLaws,
]
