import type { Ball } from './numbers/ball.ts'
import { bigNumbers } from './numbers/big-number.ts'
import { toFloat, type FloatFormat } from './numbers/to-float.ts'

/** The two floats that the ends of a ball round to; the same one where the rounding is certain. */
export interface Ends {
  readonly low: number
  readonly high: number
}

/**
 * Rounds both ends of a ball. The ends are moved outwards by as much again, since value ± bound is itself rounded, by
 * less than the bound. An exact ball has one end; of one whose error is unbounded nothing is known.
 */
export function roundedEnds(ball: Ball, format: FloatFormat): Ends {
  if (ball.isExact) {
    const rounded = toFloat(ball.value, format)
    return { low: rounded, high: rounded }
  }
  if (ball.error === Infinity) return { low: -Infinity, high: Infinity }
  const bound = bigNumbers(ball.digits).of(`2e${Math.max(Math.ceil(ball.error), -1e15)}`)
  return { low: toFloat(ball.value.minus(bound), format), high: toFloat(ball.value.plus(bound), format) }
}

/** The float that the true value rounds to, if it is certain; 0 where only its sign is not. */
export function certainFloat({ low, high }: Ends): number | undefined {
  if (Object.is(low, high)) return low
  return low === high ? 0 : undefined
}

/** Of two floats next to each other the one with the even significand; undefined where others lie between. */
export function evenNeighbour({ low, high }: Ends, { name }: FloatFormat): number | undefined {
  const [a, b] = [orderedIndex(low, name), orderedIndex(high, name)]
  if (b - a !== 1n) return undefined
  return (a & 1n) === 0n ? low : high
}

/** Place in the ordered list of floats, ±0 at 0; its last bit is that of the significand. */
function orderedIndex(x: number, name: FloatFormat['name']): bigint {
  const view = new DataView(new ArrayBuffer(8))
  const magnitude = Math.abs(x)
  if (name === 'float32') view.setFloat32(4, magnitude)
  else view.setFloat64(0, magnitude)
  const index = view.getBigUint64(0)
  return x < 0 ? -index : index
}
