import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../src/random.ts'
import { sizeOf, tensor, type Real, type RealConstructor, type Shape, type Tensor } from '../tensor.ts'
import { convolve } from './convolve.ts'

function normals(Storage: RealConstructor, shape: Shape, seed: number): Tensor {
  const stream = random(seed)
  const data = new Storage(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = stream.normal()
  return tensor(data, shape)
}

/** The definition, over a map that is zero all around: one sum over c, ky, kx, in this order, the bias last. */
function naive(out: Real, x: Tensor, weight: Tensor, bias: Tensor | undefined, groups: number): void {
  const [H, W, C] = x.shape.slice(-3)
  const [o, perGroup, kh, kw] = weight.shape
  const at = (batch: number, row: number, column: number, channel: number): number =>
    row >= 0 && row < H && column >= 0 && column < W
      ? x.data[((batch * H + row) * W + column) * C + channel]
      : 0
  for (let place = 0; place < out.length; place++) {
    const [channel, column, row, batch] = [
      place % o,
      Math.floor(place / o) % W,
      Math.floor(place / o / W) % H,
      Math.floor(place / o / W / H),
    ]
    const group = Math.floor(channel / (o / groups))
    let sum = 0
    for (let c = 0; c < perGroup; c++)
      for (let ky = 0; ky < kh; ky++)
        for (let kx = 0; kx < kw; kx++)
          sum +=
            at(batch, row + ky - (kh - 1) / 2, column + kx - (kw - 1) / 2, group * perGroup + c) *
            weight.get(channel, c, ky, kx)
    out[place] = bias === undefined ? sum : sum + bias.data[channel]
  }
}

const cases = fc.record({
  lead: fc.constantFrom<number[][]>([], [2], [2, 3]),
  H: fc.integer({ min: 1, max: 5 }),
  W: fc.integer({ min: 1, max: 5 }),
  groups: fc.integer({ min: 1, max: 3 }),
  perGroup: fc.integer({ min: 1, max: 3 }),
  outPerGroup: fc.integer({ min: 1, max: 3 }),
  kh: fc.constantFrom(1, 3, 5),
  kw: fc.constantFrom(1, 3, 5),
  Storage: fc.constantFrom<RealConstructor[]>(Float32Array, Float64Array),
  biased: fc.boolean(),
  seed: fc.nat(),
})

test('is the definition, bit for bit, whatever the shape, the groups and the storage', () => {
  fc.assert(
    fc.property(cases, ({ lead, H, W, groups, perGroup, outPerGroup, kh, kw, Storage, biased, seed }) => {
      const o = groups * outPerGroup
      const x = normals(Storage, [...lead, H, W, groups * perGroup], seed)
      const weight = normals(Storage, [o, perGroup, kh, kw], seed + 1)
      const bias = biased ? normals(Storage, [o], seed + 2) : undefined
      const found = convolve(Storage, x, weight, bias, groups)
      const expected = new Storage(sizeOf(lead) * H * W * o)
      naive(expected, x, weight, bias, groups)
      expect(found.shape).toEqual([...lead, H, W, o])
      expect(found.data).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})

const zeros = (...shape: number[]): Tensor => tensor(new Float32Array(sizeOf(shape)), shape)

test.each([
  ['a matrix', zeros(3, 4), zeros(4, 1, 3, 3), 4, 'x: expected [.., H, W, C], found [3, 4]'],
  [
    'channels that the groups do not make up',
    zeros(3, 3, 4),
    zeros(4, 3, 3, 3),
    2,
    'weight: expected [o, 4/2, kh, kw], o a multiple of 2, found [4, 3, 3, 3]',
  ],
  [
    'a kernel of even height',
    zeros(3, 3, 4),
    zeros(4, 1, 2, 3),
    4,
    'weight: expected odd kernel sizes, found [4, 1, 2, 3]',
  ],
])('refuses %s', (_, x, weight, groups, message) => {
  expect(() => convolve(Float32Array, x, weight, undefined, groups)).toThrow(`convolve: ${message}`)
})
