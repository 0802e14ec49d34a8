import { primitivesOf } from './primitives-of.ts'
import { mapped, reals, rowLength, type Probe } from './probe.ts'

const TOKENS = 6

/**
 * Scores that tie at the last place a row may keep: the basis has every column twice, in sixteenths, and coefficients are quarters, so that
 * equal scores are equal in any order of summing; the budget is odd. Of equals the lower column is kept.
 */
export const ties: Probe = {
  name: 'ties',
  about:
    'equal scores at the k-th place: the higher column kept, ties kept or dropped together, unstable sorting',
  applies: (equation) => primitivesOf(equation).has('topK'),
  sampling: (_equation, source) => ({
    magnitude: 1,
    over: { budget: source.pick([1, 3, 5]) },
    adjust: (sizes) => ({ ...sizes, n: Math.max(sizes['n'], TOKENS) }),
  }),
  change(drawn, source) {
    const { spec, value } = drawn
    if (spec.fill === 'coefficients') return mapped(drawn, () => source.pick([0, 0, 0.25, 0.5, 0.75]))
    if (spec.fill !== 'basis' || value.kind === 'mask') return undefined
    const width = rowLength(value.tensor)
    const half = Math.ceil(width / 2)
    const columns = Array.from({ length: value.tensor.size }, () => source.integer(-2, 2) / 16)
    return reals(value.tensor.shape, (i) => columns[i - (i % width) + ((i % width) % half)])
  },
}
