import { altered, callsOf, shortName, type Direction, type Suspects } from '../direction.ts'
import { map, mapRows, shapeOf } from '../elements.ts'
import type { Call, Tape } from '../tape.ts'
import type { Rules } from '../traced.ts'

/** Targets that are made others on the way: their largest class alone, or smoothed. */
export const targets: Suspects = (tape) =>
  callsOf(tape, 'weigh').flatMap((call): Direction[] => {
    const name = shortName(tape, call.operands[0])
    if (name === undefined) return []
    const direction = (id: string, says: string, change: (row: Float64Array) => Float64Array): Direction => ({
      id: `target/${id}/${call.index}`,
      says,
      run: altered(tape, [call], (usual) => ({ weigh: (w, x) => usual.weigh(mapRows(w, change), x) })),
    })
    return [
      direction('one-hot', `${name} made one-hot, its largest class alone`, (row) => {
        const best = row.indexOf(row.reduce((most, value) => Math.max(most, value), -Infinity))
        return row.map((_, i) => Number(i === best))
      }),
      direction('smoothed', `${name} smoothed by 0.1`, (row) =>
        row.map((value) => 0.9 * value + 0.1 / row.length),
      ),
    ]
  })

/** Reductions: means for sums, sums for means, a root, something added, a sign. */
export const reductions: Suspects = (tape) => [
  ...callsOf(tape, 'sum', 'mean').flatMap((call) => reducedOtherwise(tape, call)),
  ...callsOf(tape, 'scale')
    .filter(({ operands }) => operands[1] === -1)
    .map((call): Direction => ({
      id: `reduction/sign/${call.shownIn}`,
      says: `the sign left out in ${call.shownIn}`,
      run: altered(tape, [call], () => ({ scale: (x) => x })),
    })),
]

function reducedOtherwise(tape: Tape, call: Call): Direction[] {
  const { step, shownIn, operands } = call
  const direction = (id: string, says: string, rules: (usual: Rules) => Partial<Rules>): Direction => ({
    id: `reduction/${id}/${shownIn}/${call.index}`,
    says: `${says} in ${shownIn}`,
    run: altered(tape, [call], rules),
  })
  const scaled = ([id, says, factor]: Factor): Direction =>
    direction(id, says, (usual) => ({
      sum: (x, over) => usual.scale(usual.sum(x, over), factor),
      mean: (x, over) => usual.scale(usual.mean(x, over), factor),
    }))
  const changed = (id: string, says: string, change: (value: number) => number): Direction =>
    direction(id, says, (usual) => ({
      sum: (x, over) => map(usual.sum(x, over), change),
      mean: (x, over) => map(usual.mean(x, over), change),
    }))
  const other =
    step === 'sum'
      ? direction('mean', 'the mean in place of the sum', (usual) => ({
          sum: (x, over) => usual.mean(x, over),
        }))
      : direction('sum', 'the sum in place of the mean', (usual) => ({
          mean: (x, over) => usual.sum(x, over),
        }))
  const epsilons = operands[1] === 'all' ? [1e-6, 1e-5] : []
  return [
    [other, scaled(['half', 'a factor ½', 0.5])],
    [changed('root', 'a root taken', (value) => Math.sqrt(Math.abs(value)))],
    partly(call).map(scaled),
    epsilons.map((epsilon) =>
      changed(`plus-${epsilon}`, `${epsilon.toExponential()} added`, (value) => value + epsilon),
    ),
  ].flat()
}

type Factor = readonly [id: string, says: string, factor: number]

/** Sums over all axes of which some are averaged, means of which some are summed; and what that makes of the result. */
function partly({ step, operands }: Call): Factor[] {
  const [x, over] = operands
  const shape = shapeOf(x)
  if (over !== 'all' || shape.length < 2) return []
  const [first, last] = [shape[0], shape[shape.length - 1]]
  const size = shape.reduce((product, extent) => product * extent, 1)
  const ways: [string, string, number][] = [
    ['rows', 'a mean over the last axis, a sum over the others', size / last],
    ['last', 'a sum over the last axis, a mean over the others', last],
    ['batch', 'a mean over the first axis, a sum over the others', size / first],
    ['first', 'a sum over the first axis, a mean over the others', first],
  ]
  return ways
    .map(([id, says, factor]) => [id, says, step === 'mean' ? factor : factor / size] as const)
    .filter(([, , factor]) => factor !== 1 && factor !== size && factor !== 1 / size)
}
