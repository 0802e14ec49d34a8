import { expect, test } from 'vitest'
import { sizeOf, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'
import { random } from '../../random.ts'
import { ofConvolution, ofLinear, ofMatmul, ofMatmulTransposed, type Bilinear } from './bilinear.ts'
import { magnitude, squared } from './noise.ts'

/** Numbers of either sign, and zeros of either sign. */
function drawn(shape: Shape, seed: number): Tensor {
  const source = random(seed)
  const value = (): number => source.pick([source.normal(), source.normal(), 0, -0])
  return tensor(Float64Array.from({ length: sizeOf(shape) }, value), shape)
}

// extents that fill no block of the product, and some that fill several
test.each<[string, Bilinear, Shape, Shape]>([
  ['matmul', ofMatmul, [2, 5, 7], [2, 7, 3]],
  ['matmul of one column', ofMatmul, [4, 6], [6, 1]],
  ['matmulTransposed', ofMatmulTransposed, [2, 9, 4], [2, 5, 4]],
  ['linear', ofLinear, [3, 5, 11], [7, 11]],
  ['linear of one row', ofLinear, [8], [6, 8]],
  ['convolution', ofConvolution(2), [4, 5, 4], [6, 2, 3, 3]],
])('%s with squares and magnitudes of its second factor, bit for bit', (_, multiply, ofX, ofY) => {
  const [x, y] = [drawn(ofX, 1), drawn(ofY, 2)]
  expect(multiply.withSquares(x, y)).toEqual(multiply.plain(x, squared(y)))
  expect(multiply.withMagnitudes(x, y)).toEqual(multiply.plain(x, magnitude(y)))
})

test.each<[string, Bilinear, Shape, Shape]>([
  ['matmul', ofMatmul, [2, 5, 7], [2, 7, 3]],
  ['matmulTransposed', ofMatmulTransposed, [2, 9, 7], [2, 5, 7]],
  ['linear', ofLinear, [3, 5, 7], [4, 7]],
  ['convolution', ofConvolution(2), [4, 5, 4], [6, 2, 3, 3]],
])('%s in parts comes to the whole', (_, multiply, ofX, ofY) => {
  // of integers, whose sums are exact in any order
  const [x, y] = [drawn(ofX, 1), drawn(ofY, 2)].map(({ data, shape }) =>
    tensor(
      Float64Array.from(data, (value) => Math.round(100 * value)),
      shape,
    ),
  )
  const whole = multiply.plain(x, y).data
  const [first, second] = [multiply.part(x, y, 0, 3), multiply.part(x, y, 3, multiply.terms(x, y))]
  expect(whole.some((value) => value !== 0)).toBe(true)
  whole.forEach((value, i) => expect(first.data[i] + second.data[i]).toEqual(value + 0))
})
