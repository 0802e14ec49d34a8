import type { Arithmetic } from '../../../reference/arithmetic.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { ShapeError } from '../../../reference/shape-error.ts'
import { biased, operands } from './products.ts'
import type { Runtime } from './runtime.ts'
import { generate } from './tensors.ts'

/**
 * Convolution. `direct`: the taps inside the map, channel by channel. `im2col`: the row of a matrix product, tap by tap with all
 * channels of each, zeros where it lies outside; with blocks, slices or lanes other terms then share a partial sum.
 */
export function convolutions(runtime: Runtime): Pick<Arithmetic<FullKinds>, 'convolve'> {
  const direct = runtime.design.convolution === 'direct'
  return {
    convolve(x, weight, bias, groups) {
      const [H, W, C] = x.shape.slice(-3)
      const [o, perGroup, kh, kw] = weight.shape
      if (x.shape.length < 3) throw new ShapeError('convolve', 'x', '[.., H, W, C]', x.shape)
      if (weight.shape.length !== 4 || perGroup * groups !== C || o % groups !== 0) {
        const expected = `[o, ${C}/${groups}, kh, kw], o a multiple of ${groups}`
        throw new ShapeError('convolve', 'weight', expected, weight.shape)
      }
      if (kh % 2 === 0 || kw % 2 === 0)
        throw new ShapeError('convolve', 'weight', 'odd kernel sizes', weight.shape)
      const [image, kernel] = [operands(runtime, x), operands(runtime, weight)]
      const most = perGroup * kh * kw
      const order = direct ? tapsByChannel(perGroup, kh, kw) : channelsByTap(perGroup, kh, kw)
      const [pixels, weights] = [new Float64Array(most), new Float64Array(most)]
      const sum = biased(runtime, bias?.data, most)

      return generate(runtime, [...x.shape.slice(0, -1), o], (at) => {
        const channel = at % o
        const place = Math.floor(at / o)
        const [row, column] = [Math.floor(place / W) % H, place % W]
        const firstInput = Math.floor(channel / (o / groups)) * perGroup
        let n = 0
        for (const [c, ky, kx] of order) {
          const [dy, dx] = [ky - (kh - 1) / 2, kx - (kw - 1) / 2]
          const inside = row + dy >= 0 && row + dy < H && column + dx >= 0 && column + dx < W
          if (direct && !inside) continue
          pixels[n] = inside ? image[(place + dy * W + dx) * C + firstInput + c] : 0
          weights[n++] = kernel[((channel * perGroup + c) * kh + ky) * kw + kx]
        }
        return sum(pixels, weights, n, channel)
      })
    },
  }
}

type Tap = readonly [channel: number, row: number, column: number]

function tapsByChannel(channels: number, kh: number, kw: number): Tap[] {
  return Array.from({ length: channels * kh * kw }, (_, i) => {
    return [Math.floor(i / kw / kh), Math.floor(i / kw) % kh, i % kw]
  })
}

function channelsByTap(channels: number, kh: number, kw: number): Tap[] {
  return Array.from({ length: channels * kh * kw }, (_, i) => {
    const tap = Math.floor(i / channels)
    return [i % channels, Math.floor(tap / kw), tap % kw]
  })
}
