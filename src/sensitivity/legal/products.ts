import { sizeOf, tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import { storageLike } from '../tensors.ts'
import type { Choices } from './choices.ts'

type Summing = Pick<Choices, 'dot' | 'round' | 'bias'>

/**
 * Each row of x with each row of y: x `[.., n, k]`, y `[.., m, k]` → `[.., n, m]`; the leading dimensions of the shorter are shared by the
 * rest. A bias of m is the first term of each sum, or added to it.
 */
export function product(x: Tensor, y: Tensor, { dot, round, bias: place }: Summing, bias?: Tensor): Tensor {
  const k = x.shape.at(-1) ?? 1
  const m = y.shape[y.shape.length - 2]
  const shared = y.shape.length === 2
  const n = shared ? x.size / k : x.shape[x.shape.length - 2]
  const [leadX, leadY] = [x.shape.slice(0, -2), y.shape.slice(0, -2)]
  const lead = shared ? x.shape.slice(0, -1) : [...(leadX.length > leadY.length ? leadX : leadY), n]
  const batches = sizeOf(lead) / n
  const [batchesX, batchesY] = [shared ? 1 : sizeOf(leadX), sizeOf(leadY)]
  const out = storageLike(x, sizeOf(lead) * m)
  const sum = withBias(dot, round, place, k)
  let at = 0
  for (let batch = 0; batch < batches; batch++) {
    const [fromX, fromY] = [(batch % batchesX) * n * k, (batch % batchesY) * m * k]
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) out[at++] = sum(x.data, fromX + i * k, y.data, fromY + j * k, bias?.data[j])
    }
  }
  return tensor(out, [...lead, m])
}

/** Every tap gathered, padding as zeros, then one sum; x `[.., H, W, C]`, weight `[o, C/groups, kh, kw]`. */
export function convolution(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  groups: number,
  choices: Summing & Pick<Choices, 'channelsLast'>,
): Tensor {
  const [H, W, C] = x.shape.slice(-3)
  const [o, perGroup, kh, kw] = weight.shape
  const n = perGroup * kh * kw
  const maps = x.size / (H * W * C)
  const out = storageLike(x, maps * H * W * o)
  const [taps, weights] = [storageLike(x, n), storageLike(x, n)]
  const sum = withBias(choices.dot, choices.round, choices.bias, n)
  let at = 0
  for (let place = 0; place < maps * H * W; place++) {
    const [column, row, from] = [place % W, Math.floor(place / W) % H, place - (place % (H * W))]
    for (let channel = 0; channel < o; channel++) {
      const first = Math.floor(channel / (o / groups)) * perGroup
      for (let i = 0; i < n; i++) {
        const [c, dy, dx] = choices.channelsLast
          ? [i % perGroup, Math.floor(i / perGroup / kw), Math.floor(i / perGroup) % kw]
          : [Math.floor(i / kh / kw), Math.floor(i / kw) % kh, i % kw]
        const [r, s] = [row + dy - (kh - 1) / 2, column + dx - (kw - 1) / 2]
        const inside = r >= 0 && r < H && s >= 0 && s < W
        taps[i] = inside ? x.data[(from + r * W + s) * C + first + c] : 0
        weights[i] = weight.data[((channel * perGroup + c) * kh + dy) * kw + dx]
      }
      out[at++] = sum(taps, 0, weights, 0, bias?.data[channel])
    }
  }
  return tensor(out, [...x.shape.slice(0, -1), o])
}

function withBias(
  dot: Choices['dot'],
  round: Choices['round'],
  place: Choices['bias'],
  n: number,
): (a: Real, from: number, b: Real, other: number, bias: number | undefined) => number {
  const [left, right] = [new Float64Array(n + 1), new Float64Array(n + 1)]
  left[0] = 1
  return (a, from, b, other, bias) => {
    if (bias === undefined) return dot(a, from, b, other, n)
    if (place === 'last') return round(dot(a, from, b, other, n) + bias)
    right[0] = bias
    left.set(a.subarray(from, from + n), 1)
    right.set(b.subarray(other, other + n), 1)
    return dot(left, 0, right, 0, n + 1)
  }
}
