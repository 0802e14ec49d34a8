import type { Ask } from '../ask.ts'
import type { Ball } from '../numbers/ball.ts'
import { sqrt } from '../numbers/functions.ts'

/** Multiplies by `scale`, the float64 that was asked for, exactly; or by 1/√d. */
export function scaling(ask: Ask, d: number): (x: Ball) => Ball {
  const scale = ask.optionalNumber('scale')
  if (scale !== undefined) {
    const factor = ask.constant(scale)
    return (x) => x.times(factor)
  }
  const root = sqrt(ask.constant(d))
  return (x) => x.dividedBy(root)
}
