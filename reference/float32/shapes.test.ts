import { describe, expect, test } from 'vitest'
import { ShapeError } from '../shape-error.ts'
import { sizeOf, tensor, type Tensor } from '../tensor.ts'
import { float32, float32Dense } from './index.ts'

const a = float32().rules
const full = float32Dense().rules
const of = (...shape: number[]): Tensor => tensor(new Float32Array(sizeOf(shape)), shape)
const ones = (...shape: number[]): Tensor => tensor(new Float32Array(sizeOf(shape)).fill(1), shape)
const sparse = (...shape: number[]): ReturnType<typeof a.compress> => a.compress(ones(...shape))
const mask = (...shape: number[]): ReturnType<typeof a.topK> => a.topK(sparse(...shape), shape.at(-1) ?? 0)

const layout = { rows: [0, 1], columns: [0, 1], height: 2, width: 2 }
const bins = { rows: [[0, 1], [1, 2]], columns: [[0, 1], [1, 2]] } as const // prettier-ignore
const inBins = 'pool: x: expected [.., H, W, C] that holds every bin, found'
const inWindows = 'windows: x: expected a map that holds windows of 2 × 2 at rows'

/** One broken rule each, the others kept. */
const refused: readonly (readonly [string, () => unknown, string])[] = [
  ['add', () => a.add(of(2, 3), of(2)), 'add: second operand: expected [2, 3] or a suffix of it, found [2]'],
  [
    'subtract',
    () => a.subtract(of(3), of(2, 4)),
    'subtract: second operand: expected [3] or a suffix of it, found [2, 4]',
  ],
  [
    'multiply',
    () => a.multiply(of(2, 3), of(3, 2)),
    'multiply: second operand: expected [2, 3] or a suffix of it, found [3, 2]',
  ],
  ['weigh', () => a.weigh(of(2, 3), of(3)), 'weigh: x: expected the shape of w, [2, 3], found [3]'],
  ['matmul', () => a.matmul(of(2, 3), of(4, 5)), 'matmul: y: expected [.., 3, m], found [4, 5]'],
  ['matmul of a vector', () => a.matmul(of(3), of(3, 5)), 'matmul: x: expected [.., n, k], found [3]'],
  [
    'matmul with other batches',
    () => a.matmul(of(2, 2, 3), of(3, 3, 5)),
    'matmul (leading dimensions): second operand: expected [2] or a suffix of it, found [3]',
  ],
  [
    'matmulTransposed',
    () => a.matmulTransposed(of(2, 3), of(3, 5)),
    'matmulTransposed: y: expected [.., m, 3], found [3, 5]',
  ],
  ['linear', () => a.linear(of(2, 3), of(3, 4)), 'linear: weight: expected [out, 3], found [3, 4]'],
  ['linear’s bias', () => a.linear(of(2, 3), of(4, 3), of(3)), 'linear: bias: expected [4], found [3]'],
  [
    'convolve',
    () => a.convolve(of(3, 3), of(1, 1, 3, 3), undefined, 1),
    'convolve: x: expected [.., H, W, C], found [3, 3]',
  ],
  [
    'convolve’s channels',
    () => a.convolve(of(3, 3, 4), of(4, 2, 3, 3), undefined, 4),
    'convolve: weight: expected [o, 4/4, kh, kw], o a multiple of 4, found [4, 2, 3, 3]',
  ],
  [
    'convolve’s kernel',
    () => a.convolve(of(3, 3, 4), of(4, 1, 2, 3), undefined, 4),
    'convolve: weight: expected odd kernel sizes, found [4, 1, 2, 3]',
  ],
  [
    'layerNorm’s weight',
    () => a.layerNorm(of(2, 3), of(2), of(3), 0),
    'layerNorm: weight: expected [3], found [2]',
  ],
  [
    'layerNorm’s bias',
    () => a.layerNorm(of(2, 3), of(3), of(1, 3), 0),
    'layerNorm: bias: expected [3], found [1, 3]',
  ],
  ['softmax', () => a.softmax(of()), 'softmax: x: expected at least one axis, found []'],
  ['logSoftmax', () => a.logSoftmax(of()), 'logSoftmax: x: expected at least one axis, found []'],
  ['sum', () => a.sum(of(), 'last'), 'sum: x: expected at least one axis, found []'],
  ['mean', () => a.mean(of(), 'last'), 'mean: x: expected at least one axis, found []'],
  [
    'reshape',
    () => a.reshape(of(2, 3), [5]),
    'reshape: x: expected as many elements as [5] has, found [2, 3]',
  ],
  ['swapAxes', () => a.swapAxes(of(2, 3), 0, -3), 'swapAxes: axis -3: expected an axis of x, found [2, 3]'],
  [
    'concat',
    () => a.concat([of(2, 3), of(2, 4)], 0),
    'concat: operand: expected [2, 3] but for axis 0, found [2, 4]',
  ],
  [
    'windows',
    () => a.windows(of(2, 3, 1), { ...layout, rows: [0], columns: [2] }),
    'windows: x: expected a map that holds windows of 2 × 2 at rows 0, columns 2, found [2, 3, 1]',
  ],
  ['a matrix to pool', () => a.pool(of(2, 2), bins, 'max'), `${inBins} [2, 2]`],
  [
    'one of two bins below the map',
    () => a.pool(of(2, 2, 1), { ...bins, rows: [[0, 1], [1, 3]] }, 'mean'), // prettier-ignore
    `${inBins} [2, 2, 1]`,
  ],
  [
    'one of two bins beside the map',
    () => a.pool(of(2, 2, 1), { ...bins, columns: [[0, 1], [1, 3]] }, 'mean'), // prettier-ignore
    `${inBins} [2, 2, 1]`,
  ],
  [
    'a bin that starts before the map',
    () => a.pool(of(2, 2, 1), { ...bins, columns: [[-1, 1], [1, 2]] }, 'mean'), // prettier-ignore
    `${inBins} [2, 2, 1]`,
  ],
  [
    'an empty bin',
    () => a.pool(of(2, 2, 1), { ...bins, columns: [[1, 1], [1, 2]] }, 'mean'), // prettier-ignore
    `${inBins} [2, 2, 1]`,
  ],
  [
    'windows of a matrix',
    () => a.windows(of(3, 3), layout),
    'windows: x: expected [.., H, W, C], found [3, 3]',
  ],
  [
    'a window above the map',
    () => a.windows(of(3, 3, 1), { ...layout, rows: [-1, 1] }),
    `${inWindows} -1, 1, columns 0, 1, found [3, 3, 1]`,
  ],
  [
    'a window below the map',
    () => a.windows(of(3, 3, 1), { ...layout, rows: [0, 2] }),
    `${inWindows} 0, 2, columns 0, 1, found [3, 3, 1]`,
  ],
  [
    'a window left of the map',
    () => a.windows(of(3, 3, 1), { ...layout, columns: [-1, 1] }),
    `${inWindows} 0, 1, columns -1, 1, found [3, 3, 1]`,
  ],
  [
    'a window right of the map',
    () => a.windows(of(3, 3, 1), { ...layout, columns: [0, 2] }),
    `${inWindows} 0, 1, columns 0, 2, found [3, 3, 1]`,
  ],
  [
    'a slice that starts before its axis',
    () => a.slice(of(2, 4), 1, -1, 2),
    'slice: x: expected an axis 1 that holds -1 to 2, found [2, 4]',
  ],
  [
    'a slice that ends before it starts',
    () => a.slice(of(2, 4), 1, 3, 2),
    'slice: x: expected an axis 1 that holds 3 to 2, found [2, 4]',
  ],
  [
    'a slice that ends after its axis',
    () => a.slice(of(2, 4), -1, 3, 5),
    'slice: x: expected an axis 1 that holds 3 to 5, found [2, 4]',
  ],
  [
    'an axis too many',
    () => a.slice(of(2, 4), 2, 0, 1),
    'slice: axis 2: expected an axis of x, found [2, 4]',
  ],
  [
    'a vector joined to a matrix',
    () => a.concat([of(2, 3), of(2)], 0),
    'concat: operand: expected [2, 3] but for axis 0, found [2]',
  ],
  [
    'a kernel of three axes',
    () => a.convolve(of(3, 3, 4), of(4, 1, 3), undefined, 4),
    'convolve: weight: expected [o, 4/4, kh, kw], o a multiple of 4, found [4, 1, 3]',
  ],
  [
    'outputs that do not divide into groups',
    () => a.convolve(of(3, 3, 4), of(3, 2, 3, 3), undefined, 2),
    'convolve: weight: expected [o, 4/2, kh, kw], o a multiple of 2, found [3, 2, 3, 3]',
  ],
  [
    'a kernel of even width',
    () => a.convolve(of(3, 3, 4), of(4, 1, 3, 2), undefined, 4),
    'convolve: weight: expected odd kernel sizes, found [4, 1, 3, 2]',
  ],
  [
    'a scalar through a linear layer',
    () => a.linear(of(), of(2, 0)),
    'linear: weight: expected [out, 0], found [2, 0]',
  ],
  [
    'a linear layer with a vector for weight',
    () => a.linear(of(2, 3), of(3)),
    'linear: weight: expected [out, 3], found [3]',
  ],
  [
    'a linear layer with a matrix for bias',
    () => a.linear(of(2, 3), of(4, 3), of(4, 1)),
    'linear: bias: expected [4], found [4, 1]',
  ],
  ['a product with a vector', () => a.matmul(of(2, 3), of(3)), 'matmul: y: expected [.., 3, m], found [3]'],
  [
    'a scalar to normalise',
    () => a.layerNorm(of(), of(0), of(0), 0),
    'layerNorm: x: expected at least one axis, found []',
  ],
  [
    'layerNorm’s weight of two axes',
    () => a.layerNorm(of(2, 3), of(3, 1), of(3), 0),
    'layerNorm: weight: expected [3], found [3, 1]',
  ],
  [
    'select',
    () => a.select(mask(2, 2), of(2, 3)),
    "select: x: expected the mask's shape [2, 2], found [2, 3]",
  ],
  [
    'select on whole rows',
    () => full.select({ shape: [2, 2], kept: new Uint8Array(4) }, of(2, 3)),
    "select: x: expected the mask's shape [2, 2], found [2, 3]",
  ],
  [
    'queries without the batch of the mask',
    () => a.matmulAt(mask(2, 2, 3), of(2, 4), of(3, 4)),
    'sampledProduct: x: expected [2, 2, k], found [2, 4]',
  ],
  [
    'keys of another length at a mask',
    () => a.matmulAt(mask(2, 3), of(2, 4), of(2, 4)),
    'sampledProduct: y: expected [3, 4], found [2, 4]',
  ],
  [
    'sparse rows times dense values of another height',
    () => a.sparseMatmulDense(sparse(2, 3), of(2, 4)),
    'sparseDenseProduct: y: expected [3, d], found [2, 4]',
  ],
  [
    'sparse rows times a scalar',
    () => a.sparseMatmulDense(sparse(2, 3), of()),
    'sparseDenseProduct: y: expected [3, d], found []',
  ],
]

describe('refused, and said why:', () => {
  test.each(refused)('%s', (_, call, message) => {
    let error: unknown
    try {
      call()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ShapeError)
    expect(String(error)).toBe(`ShapeError: ${message}`)
  })
})

describe('just fits:', () => {
  test.each([
    ['bins up to both ends', () => a.pool(of(2, 2, 1), bins, 'max').shape, [2, 2, 1]],
    ['windows up to both ends', () => a.windows(of(3, 3, 1), layout).shape, [4, 2, 2, 1]],
    ['a slice of a whole axis', () => a.slice(of(2, 4), -1, 0, 4).shape, [2, 4]],
    ['a slice of nothing', () => a.slice(of(2, 4), 0, 1, 1).shape, [0, 4]],
    ['the first axis, counted from the end', () => a.slice(of(2, 4), -2, 0, 1).shape, [1, 4]],
  ] as const)('%s', (_, call, shape) => {
    expect(call()).toEqual(shape)
  })
})
