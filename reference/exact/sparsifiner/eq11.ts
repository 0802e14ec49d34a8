import type { Ask, Named } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'

/**
 * L_spa = ‖W_up‖²          Sparsifiner Eq. (11): the sum of the squares of its entries.
 * W_up [m, n]; loss [].
 */
export function eq11(ask: Ask): Named {
  const { values } = ask.param('W_up')
  return new Map([['loss', grid([], () => sum(values.length, (at) => values[at].times(values[at])))]])
}
