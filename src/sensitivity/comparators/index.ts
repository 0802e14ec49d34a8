import { tolerances, tosa, twicePlain } from './tolerances.ts'
import type { Comparator } from './comparator.ts'

export type { Compared, Comparator } from './comparator.ts'
export { termSums } from './term-sums.ts'

/** What others compare with. */
export const comparators: readonly Comparator[] = [...tolerances, twicePlain, tosa]
