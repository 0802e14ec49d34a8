import { sizeOf, tensor, type Tensor } from '../../../../reference/tensor.ts'
import { once } from '../../noise/once.ts'
import { altered, callsOf, places, type Direction, type Place, type Suspects } from '../direction.ts'
import { map, shapeOf } from '../elements.ts'
import { bf16, fp16, type Format } from '../formats.ts'
import type { Call, Tape } from '../tape.ts'
import type { Rules } from '../traced.ts'

const LAYERS = ['linear'] as const
const ATTENTION = ['matmul', 'matmulTransposed', 'sparseMatmulDense'] as const

/** More multiply-adds than this are not redone one after another. */
const MOST = 2 ** 22

/** Sums of products kept in a short format while they are summed, term by term in order; factors in float32, or in that format too. */
export const accumulations: Suspects = (tape) =>
  placesOf(tape).flatMap(({ id, says, calls }) =>
    calls.reduce((total, call) => total + multiplyAdds(call), 0) > MOST
      ? []
      : [bf16, fp16].flatMap((format): Direction[] => [
          {
            id: `accumulated/${format.name}${id}`,
            says: `sums accumulated in ${format.name}${says}`,
            gross: true,
            run: altered(tape, calls, (usual) => accumulating(usual, format, same)),
          },
          {
            id: `accumulated-all/${format.name}${id}`,
            says: `products in ${format.name}, factors, terms and sums${says}`,
            gross: true,
            run: altered(tape, calls, (usual) => accumulating(usual, format, format.round)),
          },
        ]),
  )

/** The same of the sums and means that losses are. */
export const shortSums: Suspects = (tape) => {
  const calls = callsOf(tape, 'sum', 'mean')
  if (calls.length === 0 || calls.some(({ operands }) => sizeOf(shapeOf(operands[0])) > MOST)) return []
  return [bf16, fp16].map((format): Direction => {
    const sum = (usual: Rules, x: Tensor, over: 'all' | 'last'): Tensor => {
      const width = over === 'all' ? x.size : (x.shape.at(-1) ?? 1)
      return map(usual.sum(x, over), (_, row) => {
        let total = 0
        for (let i = row * width; i < (row + 1) * width; i++) total = format.round(total + x.data[i])
        return total
      })
    }
    return {
      id: `accumulated/${format.name}/reductions`,
      says: `sums and means accumulated in ${format.name}`,
      gross: true,
      run: altered(tape, calls, (usual) => ({
        sum: (x, over) => sum(usual, x, over),
        mean: (x, over) =>
          usual.scale(sum(usual, x, over), 1 / (over === 'all' ? x.size : (x.shape.at(-1) ?? 1))),
      })),
    }
  })
}

/** One factor of products in a short format: weights, or keys and values. */
export const shortFactors: Suspects = (tape) =>
  [bf16, fp16].flatMap((format) => {
    const rounded = once((x: Tensor) => map(x, format.round))
    const direction = (id: string, says: string, calls: readonly Call[]): Direction[] =>
      calls.length === 0
        ? []
        : [
            {
              id: `factor/${format.name}/${id}`,
              says: `${says} rounded to ${format.name}`,
              gross: true,
              profile: `${format.short}-inputs`,
              run: altered(tape, calls, (usual) => ({
                linear: (x, weight, bias) => usual.linear(x, rounded(weight), bias),
                convolve: (x, weight, bias, groups) => usual.convolve(x, rounded(weight), bias, groups),
                matmul: (x, y) => usual.matmul(x, rounded(y)),
                matmulTransposed: (x, y) => usual.matmulTransposed(x, rounded(y)),
                matmulAt: (mask, x, y) => usual.matmulAt(mask, x, rounded(y)),
                sparseMatmulDense: (x, y) => usual.sparseMatmulDense(x, rounded(y)),
              })),
            },
          ]
    const attention = callsOf(tape, 'matmul', 'matmulTransposed', 'matmulAt', 'sparseMatmulDense')
    return direction('weights', 'weights, and nothing else,', callsOf(tape, 'linear', 'convolve')).concat(
      direction('second', 'the second factors of attention (keys, values), and nothing else,', attention),
    )
  })

function placesOf(tape: Tape): Place[] {
  const [layers, attention] = [callsOf(tape, ...LAYERS), callsOf(tape, ...ATTENTION)]
  if (layers.length === 0 || attention.length === 0) {
    return [{ id: '', says: '', calls: [...layers, ...attention] }].filter(({ calls }) => calls.length > 0)
  }
  return [
    { id: '', says: '', calls: [...layers, ...attention] },
    { id: '/linear', says: ' in layers with weights', calls: layers },
    { id: '/attention', says: ' in products of attention', calls: attention },
    ...places(attention, ({ shownIn }) => shownIn).slice(1),
  ]
}

function multiplyAdds({ operands, result }: Call): number {
  return sizeOf(shapeOf(result.x)) * (shapeOf(operands[0]).at(-1) ?? 1)
}

function same(x: number): number {
  return x
}

/** @param r rounds factors and terms */
function accumulating(usual: Rules, format: Format, r: (x: number) => number): Partial<Rules> {
  const sums = (x: Tensor, y: Tensor): Tensor => accumulated(usual, x, y, format.round, r)
  return {
    linear: (x, weight, bias) => {
      const product = sums(x, weight)
      return bias === undefined ? product : map(usual.add(product, bias), r)
    },
    matmulTransposed: sums,
    matmul: (x, y) => sums(x, usual.swapAxes(y, -1, -2)),
    sparseMatmulDense: ({ values }, y) => sums(values, usual.swapAxes(y, -1, -2)),
  }
}

/** x·yᵀ, summed in order, every partial sum rounded. */
function accumulated(
  usual: Rules,
  x: Tensor,
  y: Tensor,
  round: (x: number) => number,
  r: (x: number) => number,
): Tensor {
  const k = x.shape.at(-1) ?? 1
  const [rows, columns] = [x.shape.at(-2) ?? 1, y.shape.at(-2) ?? 1]
  const shape = y.shape.length === 2 ? [...x.shape.slice(0, -1), columns] : usual.matmulTransposed(x, y).shape
  const out = new Float64Array(sizeOf(shape))
  // what has fewer leading dimensions is shared by those of the other
  const [ofX, ofY] = [x.size / (rows * k), y.size / (columns * k)]
  const [a, b] = [Float64Array.from(x.data, r), Float64Array.from(y.data, r)]
  for (let i = 0; i < out.length; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns) % rows]
    const batch = Math.floor(i / columns / rows)
    const from = ((batch % ofX) * rows + row) * k
    const to = ((batch % ofY) * columns + column) * k
    let sum = 0
    for (let j = 0; j < k; j++) sum = round(sum + r(a[from + j] * b[to + j]))
    out[i] = sum
  }
  return tensor(out, shape)
}
