import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, shortName, type Direction, type Suspects } from '../direction.ts'
import { shapeOf } from '../elements.ts'
import type { Call } from '../tape.ts'
import type { Rules } from '../traced.ts'
import { otherWindows } from './windows.ts'

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
  ...lostHeads(tape),
  ...missingParts(tape),
  ...transposedFactors(tape),
  ...unfoldings(tape),
  ...grids(tape),
  ...otherWindows(tape),
]

/** Heads that are not computed, or all from the first: an index that leaves them out. */
const lostHeads: Suspects = (tape) => {
  const heads = Number(tape.question.config['heads'] ?? 1)
  const inHeads = (call: Call): boolean => heads > 1 && shapeOf(call.result.x).at(-3) === heads
  const products = callsOf(tape, 'matmul').filter(inHeads)
  const direction = (
    id: string,
    says: string,
    calls: readonly Call[],
    rules: (usual: Rules) => Partial<Rules>,
  ): Direction[] =>
    calls.length === 0 ? [] : [{ id: `order/${id}`, says, gross: true, run: altered(tape, calls, rules) }]
  const first = (usual: Rules, x: Tensor): Tensor =>
    usual.concat(
      Array.from({ length: heads }, () => usual.slice(x, -3, 0, 1)),
      -3,
    )
  return [
    ...direction('last-head-lost', 'the last head left 0', products, (usual) => ({
      matmul: (x, y) => {
        const all = usual.matmul(x, y)
        const some = usual.slice(all, -3, 0, heads - 1)
        return usual.concat([some, usual.scale(usual.slice(all, -3, heads - 1, heads), 0)], -3)
      },
    })),
    ...direction('first-head-for-all', 'the values of head 0 weighed for every head', products, (usual) => ({
      matmul: (x, y) => first(usual, usual.matmul(x, y)),
    })),
    ...direction(
      'first-weights-for-all',
      'the softmax of head 0 taken for every head',
      callsOf(tape, 'softmax').filter(inHeads),
      (usual) => ({ softmax: (x) => first(usual, usual.softmax(x)) }),
    ),
  ]
}

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
  const moves = callsOf(tape, 'swapAxes').filter(({ operands }) =>
    splits.some(({ result }) => result.x === operands[0]),
  )
  return [
    {
      id: 'order/heads-not-moved',
      says: 'channels split into heads without moving the heads before the tokens',
      gross: true,
      run: altered(tape, moves, (usual) => ({
        swapAxes: (x, i, j) => usual.reshape(x, usual.shape(usual.swapAxes(x, i, j))),
      })),
    },
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

/** Channels that become a map, `[.., Kh·Kw]` → `[.., Kh, Kw]`, dealt out in another order than row by row. */
const unfoldings: Suspects = (tape) =>
  callsOf(tape, 'reshape').flatMap((call) => {
    const [x, ...shape] = call.operands
    const [height, width] = shape.slice(-2).map(Number)
    const isMap = height > 1 && width > 1 && shapeOf(x).at(-1) === height * width
    // else it is the heads that are split
    if (!isMap || splitsLast(call.operands)) return []
    const direction = (id: string, says: string, rules: (usual: Rules) => Partial<Rules>): Direction => ({
      id: `order/unfolded-${id}/${call.shownIn}/${call.index}`,
      says: `the channels of ${call.shownIn} ${says}`,
      run: altered(tape, [call], rules),
    })
    const byColumns = direction('by-columns', 'dealt out column by column, not row by row', (usual) => ({
      reshape: (channels, to) =>
        usual.swapAxes(usual.reshape(channels, [...to.slice(0, -2), width, height]), -1, -2),
    }))
    if (height === width) return [byColumns]
    const turned = direction(
      'turned',
      'turned, rows for columns, before they are read row by row',
      (usual) => ({
        reshape: (channels, to) => usual.reshape(usual.swapAxes(usual.reshape(channels, to), -1, -2), to),
      }),
    )
    return [byColumns, turned]
  })

/** `[.., a·b, C]` → `[.., a, b, C]`, or back, with rows and columns of the grid exchanged. */
const grids: Suspects = (tape) =>
  callsOf(tape, 'reshape').flatMap((call): Direction[] => {
    const [x, ...shape] = call.operands
    const from = shapeOf(x)
    const [rows, columns] = shape.slice(-3).map(Number)
    const isGrid = rows > 1 && columns > 1 && from.length + 1 === shape.length
    if (!isGrid || rows * columns !== from.at(-2) || from.at(-1) !== shape.at(-1)) return []
    return [
      {
        id: `order/grid-turned/${call.shownIn}/${call.index}`,
        says: `rows and columns of the grid of ${call.shownIn} exchanged`,
        gross: true,
        run: altered(tape, [call], (usual) => ({
          reshape: (tokens, to) => {
            const [down, across, channels] = to.slice(-3)
            const turned = usual.reshape(tokens, [...to.slice(0, -3), across, down, channels])
            return usual.swapAxes(turned, -3, -2)
          },
        })),
      },
    ]
  })

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
