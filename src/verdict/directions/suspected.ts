import type { Share } from './clear.ts'
import type { Direction } from './direction.ts'
import { suspicion, type Fit } from './fit.ts'

/**
 * |β| below which errors only happen to lie a little along a bug that would be hundreds of times as large. Bugs that come in any size have
 * directions of several sizes.
 */
const LEAST = 0.002

/** How many standard errors of it a share is beyond what may lean; 0 where it is next to nothing of the bug. */
export function excessOf(
  { beta, allowance, standardError }: Share,
  { oneWay = false }: Pick<Direction, 'oneWay'>,
): number {
  // of some bugs less than none means nothing
  const size = oneWay ? beta : Math.abs(beta)
  return size < LEAST ? 0 : (size - allowance) / standardError
}

/** Whether so much of a direction is more than what may lean and rounding make of it. */
export function isSuspected(share: Share, direction: Pick<Direction, 'oneWay'>): boolean {
  return excessOf(share, direction) > suspicion(share.elements)
}

/** Root mean square of z above which errors are large, and the share of ‖z‖² that a direction must then explain to be named. */
const [LARGE, NEGLIGIBLE] = [3, 0.01]

/** Whether errors of ‖z‖² in so many elements are so large that they go a little along everything, and along this no more than that. */
export function isByChance({ explained }: Fit, zz: number, size: number): boolean {
  return explained < NEGLIGIBLE && zz > LARGE ** 2 * size
}
