import { altered, callsOf, shortName, type Direction, type Suspects } from '../direction.ts'
import { shapeOf } from '../elements.ts'

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
  ...missingParts(tape),
  ...transposedFactors(tape),
  ...otherWindows(tape),
]

/** Of tokens that are joined, one part left out: queries that are no keys. Windows are not: what follows needs all of them. */
const missingParts: Suspects = (tape) =>
  callsOf(tape, 'concat').flatMap((call) => {
    if (call.operands.at(-1) !== -2) return []
    const names = call.operands.slice(0, -1).map((part, i) => shortName(tape, part) ?? `part ${i + 1}`)
    return names.map((name, gone): Direction => ({
      id: `order/concat-without/${gone}/${call.index}`,
      says: `${name} left out of [${names.join('; ')}]`,
      run: altered(tape, [call], (usual) => ({
        concat: (xs, axis) =>
          usual.concat(
            xs.filter((_, i) => i !== gone),
            axis,
          ),
      })),
    }))
  })

/** xᵀ·y in place of x·y, where x is square and so nothing stops it. */
const transposedFactors: Suspects = (tape) =>
  callsOf(tape, 'matmul', 'sparseMatmulDense')
    .filter(({ operands }) => {
      const [columns, rows] = shapeOf(operands[0]).toReversed()
      return rows !== undefined && rows > 1 && rows === columns
    })
    .map((call): Direction => ({
      id: `order/transposed/${call.shownIn}/${call.index}`,
      says: `xᵀ·y in place of x·y in ${call.shownIn}`,
      run: altered(tape, [call], (usual) => ({
        matmul: (x, y) => usual.matmul(usual.swapAxes(x, -1, -2), y),
        sparseMatmulDense: (x, y) =>
          usual.sparseMatmulDense(usual.compress(usual.swapAxes(usual.expand(x), -1, -2)), y),
      })),
    }))

/** Windows that start elsewhere: one token further, or where bins rounded up would. */
const otherWindows: Suspects = (tape) => {
  type Starts = (starts: readonly number[], extent: number, last: number) => readonly number[]
  const shifted =
    (by: number): Starts =>
    (starts, _, last) =>
      starts.map((start) => Math.max(0, Math.min(last, start + by)))
  const roundedUp: Starts = (starts, extent, last) =>
    starts.map((_, i) => Math.min(last, Math.ceil((i * extent) / starts.length)))
  const same: Starts = (starts) => starts
  const ways: readonly (readonly [id: string, says: string, rows: Starts, columns: Starts])[] = [
    ['rows+1', 'windows that start a row too late', shifted(1), same],
    ['rows-1', 'windows that start a row too early', shifted(-1), same],
    ['columns+1', 'windows that start a column too late', same, shifted(1)],
    ['columns-1', 'windows that start a column too early', same, shifted(-1)],
    ['rounded-up', 'windows whose starts are rounded up, not down', roundedUp, roundedUp],
  ]
  return callsOf(tape, 'windows').flatMap((call) =>
    ways.map(([id, says, rows, columns]): Direction => ({
      id: `windows/${id}/${call.shownIn}/${call.index}`,
      says,
      run: altered(tape, [call], (usual) => ({
        windows: (x, layout) => {
          const [H, W] = x.shape.slice(-3)
          return usual.windows(x, {
            ...layout,
            rows: rows(layout.rows, H, H - layout.height),
            columns: columns(layout.columns, W, W - layout.width),
          })
        },
      })),
    })),
  )
}

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
