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

/** Of a product's elements, how many there are to one that is summed anew to see whether it is worth summing all. */
const SPARSE = 16

/** Sums of products kept in a short format while they are summed, term by term in order; factors in float32, or in that format too. */
export const accumulations: Suspects = (tape) => {
  const formats = [bf16, fp16].map((format) => ({
    format,
    part: once((last: Call) => altered(tape, [last], (usual) => accumulating(usual, format, same, SPARSE))),
  }))
  return placesOf(tape).flatMap(({ id, says, calls }) =>
    calls.reduce((total, call) => total + multiplyAdds(call), 0) > MOST
      ? []
      : formats.flatMap(({ format, part }): Direction[] => {
          const direction = (kind: string, sentence: string, r: (x: number) => number): Direction => ({
            id: `${kind}/${format.name}${id}`,
            says: `${sentence}${says}`,
            gross: true,
            part: part(calls[calls.length - 1]),
            run: altered(tape, calls, (usual) => accumulating(usual, format, r)),
          })
          return [
            direction('accumulated', `sums accumulated in ${format.name}`, same),
            direction('accumulated-all', `products in ${format.name}, factors, terms and sums`, format.round),
          ]
        }),
  )
}

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
    const rounded = once(format.roundAll)
    const rules = (usual: Rules): Partial<Rules> => ({
      linear: (x, weight, bias) => usual.linear(x, rounded(weight), bias),
      convolve: (x, weight, bias, groups) => usual.convolve(x, rounded(weight), bias, groups),
      matmul: (x, y) => usual.matmul(x, rounded(y)),
      matmulTransposed: (x, y) => usual.matmulTransposed(x, rounded(y)),
      matmulAt: (mask, x, y) => usual.matmulAt(mask, x, rounded(y)),
      sparseMatmulDense: (x, y) => usual.sparseMatmulDense(x, rounded(y)),
    })
    const direction = (id: string, says: string, calls: readonly Call[]): Direction[] =>
      calls.length === 0
        ? []
        : [
            {
              id: `factor/${format.name}/${id}`,
              says: `${says} rounded to ${format.name}`,
              gross: true,
              profile: `${format.short}-inputs`,
              run: altered(tape, calls, rules),
              ...(calls.length > 2 ? { part: altered(tape, calls.slice(-2), rules) } : {}),
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

/**
 * @param r rounds factors and terms
 * @param every one of so many elements is summed so, the others as usual
 */
function accumulating(usual: Rules, format: Format, r: (x: number) => number, every = 1): Partial<Rules> {
  const sums = (x: Tensor, y: Tensor): Tensor => {
    const product = usual.matmulTransposed(x, y)
    return accumulated(product, x, y, { round: format.round, r, every })
  }
  return {
    linear: (x, weight, bias) => {
      const product = accumulated(usual.linear(x, weight), x, weight, { round: format.round, r, every })
      return bias === undefined ? product : map(usual.add(product, bias), every === 1 ? r : same)
    },
    matmulTransposed: sums,
    matmul: (x, y) => sums(x, usual.swapAxes(y, -1, -2)),
    sparseMatmulDense: ({ values }, y) => sums(values, usual.swapAxes(y, -1, -2)),
  }
}

interface Summing {
  readonly round: (x: number) => number
  readonly r: (x: number) => number
  readonly every: number
}

/** x·yᵀ as `product` has it, one of every so many elements summed in order instead, every partial sum rounded. */
function accumulated(product: Tensor, x: Tensor, y: Tensor, { round, r, every }: Summing): Tensor {
  const k = x.shape.at(-1) ?? 1
  const [rows, columns] = [x.shape.at(-2) ?? 1, y.shape.at(-2) ?? 1]
  const out = Float64Array.from(product.data)
  // what has fewer leading dimensions is shared by those of the other
  const [ofX, ofY] = [x.size / (rows * k), y.size / (columns * k)]
  const [a, b] = [Float64Array.from(x.data, r), Float64Array.from(y.data, r)]
  for (let i = 0; i < out.length; i += every) {
    const [column, row] = [i % columns, Math.floor(i / columns) % rows]
    const batch = Math.floor(i / columns / rows)
    const from = ((batch % ofX) * rows + row) * k
    const to = ((batch % ofY) * columns + column) * k
    let sum = 0
    for (let j = 0; j < k; j++) sum = round(sum + r(a[from + j] * b[to + j]))
    out[i] = sum
  }
  return tensor(out, product.shape)
}
