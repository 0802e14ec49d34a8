import { attentionSplitLaws } from './attention-split.ts'
import type { Law } from './law.ts'

export type { Law, Trial } from './law.ts'
export { LawBroken } from './law.ts'
export { laboratory } from './lab.ts'

/** Every law, in the order `verify` tries them. */
export const laws: readonly Law[] = [...attentionSplitLaws]
