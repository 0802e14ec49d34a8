import type { Ask, Named } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'

/**
 * L_token = mean of (x − x_teach)²          Sparsifiner Eq. (8), over all elements, whatever the axes.
 * x, x_teach [..]; loss [].
 */
export function eq8(ask: Ask): Named {
  const [x, teach] = [ask.input('x').values, ask.input('x_teach').values]
  const squares = sum(x.length, (i) => {
    const difference = x[i].minus(teach[i])
    return difference.times(difference)
  })
  return new Map([['loss', grid([], () => squares.dividedBy(ask.constant(x.length)))]])
}
