import type { FullSparse } from '../../../../reference/float32/full.ts'
import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, type Direction, type Suspects } from '../direction.ts'
import { map, mapRows, shapeOf } from '../elements.ts'
import type { Call } from '../tape.ts'
import type { Rules } from '../traced.ts'

/** Extents of tiles and of vectors. */
const TILES = [4, 8, 16, 32, 64] as const

const LAYERS = ['linear'] as const
const PRODUCTS = ['matmul', 'matmulTransposed', 'matmulAt', 'sparseMatmul', 'sparseMatmulDense'] as const

/** Sums of products that stop at the last whole tile, or one term early: the remainder is never added. */
export const remainders: Suspects = (tape) => {
  const layers = callsOf(tape, ...LAYERS)
  const places = [
    ...(layers.length === 0 ? [] : [{ id: 'linear', says: 'layers with weights', calls: layers }]),
    ...callsOf(tape, ...PRODUCTS).map((call) => ({
      id: `${call.shownIn}/${call.index}`,
      says: `the product before ${call.shownIn}`,
      calls: [call],
    })),
  ]
  return places.flatMap(({ id, says, calls }) => {
    const extents = calls.map(({ operands }) => shapeOf(innerOf(operands)).at(-1) ?? 0)
    const tails = new Map<string, (n: number) => number>()
    for (const tile of [0, ...TILES]) {
      // a product of less than a tile would be nothing at all
      const tail = (n: number): number => (n <= tile ? 0 : tile === 0 ? 1 : n % tile)
      const lost = extents.map(tail)
      if (lost.some((n) => n > 0) && !tails.has(lost.join())) tails.set(lost.join(), tail)
    }
    return [...tails].map(([lost, tail]): Direction => ({
      id: `remainder/${lost}/${id}`,
      says: `the last ${tailOf(lost)} of the sums in ${says} left out`,
      gross: true,
      run: altered(tape, calls, (usual) => shortened(usual, tail)),
    }))
  })
}

/** `term`, or `4 or 8 terms`. */
function tailOf(lost: string): string {
  const counts = [...new Set(lost.split(','))].filter((n) => n !== '0')
  return counts.join() === '1' ? 'term' : `${counts.join(' or ')} terms`
}

/** The factor of a product whose rows are summed along. */
function innerOf(operands: Call['operands']): unknown {
  return operands.find(
    (operand) =>
      typeof operand === 'object' && !(operand !== null && 'kept' in operand && !('values' in operand)),
  )
}

function shortened(usual: Rules, tail: (n: number) => number): Partial<Rules> {
  const cut = (x: Tensor): Tensor =>
    mapRows(x, (row) => row.map((value, i) => (i < row.length - tail(row.length) ? value : 0)))
  const cutSparse = (x: FullSparse): FullSparse => ({ ...x, values: cut(x.values) })
  return {
    linear: (x, weight, bias) => usual.linear(cut(x), weight, bias),
    matmul: (x, y) => usual.matmul(cut(x), y),
    matmulTransposed: (x, y) => usual.matmulTransposed(cut(x), y),
    matmulAt: (mask, x, y) => usual.matmulAt(mask, cut(x), y),
    sparseMatmul: (x, y) => usual.sparseMatmul(cutSparse(x), y),
    sparseMatmulDense: (x, y) => usual.sparseMatmulDense(cutSparse(x), y),
  }
}

/** Rows of entries held, as compressed rows are, that end one entry early. */
export const shortRows: Suspects = (tape) =>
  callsOf(tape, 'sparseMatmul', 'sparseMatmulDense').map((call): Direction => {
    const withoutLast = (x: FullSparse): FullSparse => {
      const width = x.values.shape.at(-1) ?? 1
      const last = new Set<number>()
      for (let start = 0; start < x.kept.length; start += width) {
        last.add(start + x.kept.subarray(start, start + width).lastIndexOf(1))
      }
      return { ...x, values: map(x.values, (value, i) => (last.has(i) ? 0 : value)) }
    }
    return {
      id: `remainder/held/${call.shownIn}/${call.index}`,
      says: `the last entry held of each row left out in ${call.shownIn}`,
      gross: true,
      run: altered(tape, [call], (usual) => ({
        sparseMatmul: (x, y) => usual.sparseMatmul(withoutLast(x), y),
        sparseMatmulDense: (x, y) => usual.sparseMatmulDense(withoutLast(x), y),
      })),
    }
  })

/** Softmax in tiles: keys of the last that are lost, an online softmax that does not scale what it has when its maximum rises. */
export const tiledSoftmaxes: Suspects = (tape) => {
  const calls = callsOf(tape, 'softmax')
  const keys = Math.max(0, ...calls.map(({ result }) => shapeOf(result.x).at(-1) ?? 0))
  const direction = (id: string, says: string, row: (logits: Float64Array) => Float64Array): Direction => ({
    id: `softmax/${id}`,
    says,
    gross: true,
    run: altered(tape, calls, () => ({ softmax: (x) => mapRows(x, row) })),
  })
  const tiles = TILES.filter((tile) => tile < keys)
  const tails = new Set(tiles.map((tile) => keys % tile).filter((tail) => tail > 1))
  return [
    ...[...tails].map((tail) =>
      direction(`last-${tail}-keys`, `the last ${tail} keys dropped`, (logits) =>
        softmaxOf(logits.map((z, i) => (i < keys - tail ? z : -Infinity))),
      ),
    ),
    ...[1, ...tiles].flatMap((tile) => [
      direction(
        `online-sum-${tile}`,
        `an online softmax over tiles of ${tile} whose sum is not scaled when the maximum rises`,
        (logits) => online(logits, tile, 'sum'),
      ),
      direction(
        `online-values-${tile}`,
        `an online softmax over tiles of ${tile} whose values are not scaled when the maximum rises`,
        (logits) => online(logits, tile, 'values'),
      ),
    ]),
  ]
}

function softmaxOf(logits: Float64Array): Float64Array {
  return online(logits, logits.length)
}

/** Weights of an online softmax that forgets to scale one of what it carries. */
function online(logits: Float64Array, tile: number, forgets?: 'sum' | 'values'): Float64Array {
  let [max, sum] = [-Infinity, 0]
  const weights = new Float64Array(logits.length)
  for (let start = 0; start < logits.length; start += tile) {
    const end = Math.min(start + tile, logits.length)
    const before = max
    for (let i = start; i < end; i++) max = Math.max(max, logits[i])
    const scale = before === -Infinity ? 0 : Math.exp(before - max)
    if (forgets !== 'sum') sum *= scale
    if (forgets !== 'values') for (let i = 0; i < start; i++) weights[i] *= scale
    for (let i = start; i < end; i++) {
      weights[i] = max === -Infinity ? 0 : Math.exp(logits[i] - max)
      sum += weights[i]
    }
  }
  return weights.map((weight) => weight / sum)
}
