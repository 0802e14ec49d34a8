import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, places, shortName, type Direction, type Suspects } from '../direction.ts'
import { isTensor, map, mapRows } from '../elements.ts'
import type { Call } from '../tape.ts'

interface Moments {
  /** What is taken off. */
  readonly centre: number
  /** What is divided by. */
  readonly deviation: number
}

/** A LayerNorm with other moments. */
function normBy(x: Tensor, weight: Tensor, bias: Tensor, momentsOf: (row: Float64Array) => Moments): Tensor {
  return mapRows(x, (row) => {
    const { centre, deviation } = momentsOf(row)
    return row.map((value, i) => ((value - centre) / deviation) * weight.data[i] + bias.data[i])
  })
}

function meanOf(row: Float64Array): number {
  return row.reduce((sum, value) => sum + value, 0) / row.length
}

function squaresAround(row: Float64Array, centre: number): number {
  return row.reduce((sum, value) => sum + (value - centre) ** 2, 0)
}

const EPSILONS = [1e-5, 1e-6, 1e-12, 1e-3]
/** Rows of variances between so many ε and so many times that move by multiples of one another, whatever another ε is. */
const ALIKE = { epsilons: 100, range: 4 }

/** Whether all rows of some norms are such that wrong ε cannot be told from one another by where they show, but by how much. */
function areAlike(calls: readonly Call[], eps: number): boolean {
  let [least, most] = [Infinity, 0]
  for (const { operands } of calls) {
    const x = operands[0]
    if (!isTensor(x)) return false
    mapRows(x, (row) => {
      const variance = squaresAround(row, meanOf(row)) / row.length
      least = Math.min(least, variance)
      most = Math.max(most, variance)
      return row
    })
  }
  return least >= ALIKE.epsilons * Math.max(eps, EPSILONS[0]) && most <= ALIKE.range * least
}

/** Suspected bugs of LayerNorm: ε, its place, the variance's divisor, what is left out. */
export const norms: Suspects = (tape) =>
  places(callsOf(tape, 'layerNorm'), ({ operands }) => shortName(tape, operands[1]) ?? 'a norm').flatMap(
    ({ id, says, calls }) => {
      const eps = Number(calls[0].operands[3])
      const alike = areAlike(calls, eps)
      const moments = (
        name: string,
        sentence: string,
        scale: 'epsilon' | undefined,
        momentsOf: (row: Float64Array) => Moments,
      ): Direction => ({
        id: `layer-norm/${name}${id}`,
        says: `${sentence}${says}`,
        ...(scale === undefined || !alike ? {} : { scale: `layer-norm/${scale}${id}` }),
        run: altered(tape, calls, () => ({
          layerNorm: (x, weight, bias) => normBy(x, weight, bias, momentsOf),
        })),
      })
      const centred = (deviation: (variance: number, n: number) => number) => (row: Float64Array) => {
        const centre = meanOf(row)
        return { centre, deviation: deviation(squaresAround(row, centre) / row.length, row.length) }
      }
      const others = EPSILONS.filter((other) => other !== eps)
      const without = (name: string, sentence: string, keep: 'weight' | 'bias'): Direction => ({
        id: `layer-norm/${name}${id}`,
        says: `${sentence}${says}`,
        run: altered(tape, calls, (usual) => ({
          layerNorm: (x, weight, bias, e) =>
            keep === 'weight'
              ? usual.subtract(usual.layerNorm(x, weight, bias, e), bias)
              : usual.layerNorm(
                  x,
                  map(weight, () => 1),
                  bias,
                  e,
                ),
        })),
      })
      return [
        others.map((other) =>
          moments(
            `epsilon=${other}`,
            `LayerNorm ε = ${other.toExponential()}`,
            'epsilon',
            centred((variance) => Math.sqrt(variance + other)),
          ),
        ),
        moments('no-epsilon', 'LayerNorm without ε', 'epsilon', centred(Math.sqrt)),
        moments(
          'epsilon-outside',
          'LayerNorm with ε added outside the root',
          'epsilon',
          centred((variance) => Math.sqrt(variance) + eps),
        ),
        moments(
          'unbiased',
          'the unbiased variance (n − 1) in LayerNorm',
          undefined,
          centred((variance, n) => Math.sqrt((variance * n) / (n - 1) + eps)),
        ),
        moments('rms', 'RMSNorm in place of LayerNorm: no mean taken off', undefined, (row) => ({
          centre: 0,
          deviation: Math.sqrt(squaresAround(row, 0) / row.length + eps),
        })),
        {
          ...moments('about-zero', 'LayerNorm variance about 0, not about the mean', undefined, (row) => ({
            centre: meanOf(row),
            deviation: Math.sqrt(squaresAround(row, 0) / row.length + eps),
          })),
          gross: true,
        },
        {
          id: `layer-norm/no-affine${id}`,
          says: `a LayerNorm weight and bias left out${says}`,
          gross: true,
          run: altered(tape, calls, (usual) => ({
            layerNorm: (x, weight, bias, e) =>
              usual.layerNorm(
                x,
                map(weight, () => 1),
                map(bias, () => 0),
                e,
              ),
          })),
        },
        without('no-weight', 'a LayerNorm weight left out', 'bias'),
        without('no-bias', 'a LayerNorm bias left out', 'weight'),
      ].flat()
    },
  )

/** A LayerNorm left out where it stands: of the queries, of the keys and values, before the feed-forward network. */
export const missingNorms: Suspects = (tape) =>
  places(callsOf(tape, 'layerNorm'), ({ shownIn }) => shownIn).map(({ id, says, calls }) => ({
    id: `layer-norm/left-out${id}`,
    says: `LayerNorm left out${says}`,
    run: altered(tape, calls, () => ({ layerNorm: (x) => x })),
  }))
