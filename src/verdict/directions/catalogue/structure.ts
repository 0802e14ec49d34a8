import { altered, callsOf, type Direction, type Suspects } from '../direction.ts'

/** Elements in another order: heads dealt out otherwise, joined otherwise, operands joined the other way round. */
export const orders: Suspects = (tape) => [
  ...callsOf(tape, 'concat').map((call): Direction => ({
    id: `order/concat/${call.index}`,
    says: `the parts of the concatenation before ${call.shownIn} in the other order`,
    run: altered(tape, [call], (usual) => ({
      concat: (xs, axis) => usual.concat(xs.toReversed(), axis),
    })),
  })),
  ...headSplits(tape),
  ...headMerges(tape),
]

/** `[.., N, C]` → `[.., N, h, d]` read as `[.., N, d, h]`: channel c to head c mod h. */
const headSplits: Suspects = (tape) => {
  const heads = Number(tape.question.config['heads'] ?? 1)
  const splits = callsOf(tape, 'reshape').filter(
    ({ operands, result }) =>
      heads > 1 &&
      result.kind === 'dense' &&
      operands.length > 2 &&
      operands.at(-2) === heads &&
      splitsLast(operands),
  )
  if (splits.length === 0) return []
  return [
    {
      id: 'order/heads-interleaved',
      says: 'channels dealt out to the heads in turn, not in contiguous groups',
      run: altered(tape, splits, (usual) => ({
        reshape: (x, shape) => {
          const [h, d] = shape.slice(-2)
          return usual.swapAxes(usual.reshape(x, [...shape.slice(0, -2), d, h]), -1, -2)
        },
      })),
    },
  ]
}

/** Whether a reshape only splits the last axis in two: one axis more than before. */
function splitsLast([x, ...shape]: readonly unknown[]): boolean {
  return typeof x === 'object' && x !== null && 'shape' in x && Array.isArray(x.shape)
    ? x.shape.length + 1 === shape.length
    : false
}

/** `[.., h, N, d]` read as `[.., N, C]` without moving the heads behind the tokens first. */
const headMerges: Suspects = (tape) => {
  const merges = callsOf(tape, 'swapAxes').filter(({ shownIn }) => shownIn.split('.').at(-1) === 'heads')
  if (merges.length === 0) return []
  return [
    {
      id: 'order/heads-joined',
      says: 'heads joined without moving them behind the tokens',
      run: altered(tape, merges, (usual) => ({
        swapAxes: (x, i, j) => usual.reshape(x, usual.shape(usual.swapAxes(x, i, j))),
      })),
    },
  ]
}
