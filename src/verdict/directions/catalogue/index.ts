import type { Direction } from '../direction.ts'
import type { Tape } from '../tape.ts'
import { accumulations, shortFactors, shortSums } from './accumulations.ts'
import { choices, options } from './choices.ts'
import { factors, gelus, scoreScales, sums } from './elementwise.ts'
import { exchanges, stale, sumsAmongParts } from './exchanges.ts'
import { finiteMasks } from './masks.ts'
import { missingNorms, norms } from './norm.ts'
import { convolutions } from './convolutions.ts'
import {
  gains,
  missingBiases,
  noBiases,
  repeatedBiases,
  shortResults,
  transposedWeights,
} from './products.ts'
import { reductions, targets } from './reductions.ts'
import { shortFormats } from './short-formats.ts'
import { remainders, shortRows, tiledSoftmaxes } from './remainders.ts'
import { logSoftmaxes, softmaxes } from './softmax.ts'
import { orders } from './structure.ts'
import { towardZero } from './toward-zero.ts'

/** In the order in which equally good explanations are preferred: the likelier and simpler first. */
const SUSPECTS = [
  norms,
  missingNorms,
  gelus,
  scoreScales,
  softmaxes,
  logSoftmaxes,
  missingBiases,
  sums,
  factors,
  targets,
  reductions,
  options,
  choices,
  finiteMasks,
  convolutions,
  repeatedBiases,
  orders,
  transposedWeights,
  shortFormats,
  shortResults,
  towardZero,
  noBiases,
  exchanges,
  stale,
  sumsAmongParts,
  tiledSoftmaxes,
  shortRows,
  remainders,
  shortFactors,
  accumulations,
  shortSums,
  gains,
]

/** Every suspected bug that an equation can have by the primitives it calls. */
export function suspectsOf(tape: Tape): readonly Direction[] {
  const directions = SUSPECTS.flatMap((suspects) => suspects(tape))
  const places = new Map<string, Direction[]>()
  for (const one of directions) places.set(one.says, [...(places.get(one.says) ?? []), one])
  return directions.map((one) => {
    const alike = places.get(one.says) ?? []
    if (alike.length < 2) return one
    // where nothing else tells its places apart, their order does
    return saying(one, `${one.says} (place ${alike.indexOf(one) + 1} of ${alike.length})`)
  })
}

function saying(direction: Direction, says: string): Direction {
  return { ...direction, says }
}
