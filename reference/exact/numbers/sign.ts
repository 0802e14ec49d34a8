import { Ball } from './ball.ts'
import { magnitudeAtLeast } from './error-bounds.ts'

/** The sign of a number, or undefined where its bound leaves it open. */
export function signOf(ball: Ball): -1 | 0 | 1 | undefined {
  if (ball.isZero) return 0
  if (!ball.value.isFinite() || ball.value.isZero()) return undefined
  if (!ball.isExact && !(magnitudeAtLeast(ball.value) > ball.error)) return undefined
  return ball.value.isNegative() ? -1 : 1
}

/** A number of which nothing is known: what hangs on a choice that these digits cannot make. More may. */
export function unknown(like: Ball): Ball {
  return new Ball(like.digits, like.value, Infinity)
}
