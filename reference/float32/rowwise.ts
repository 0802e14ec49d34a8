import exp from '@stdlib/math-base-special-exp'
import ln from '@stdlib/math-base-special-ln'
import { ShapeError } from '../shape-error.ts'
import { tensor, type Real, type RealConstructor, type Tensor } from '../tensor.ts'

/** The primitives along the last axis, in float64 within a row, each element rounded once. */
export function rowwise(Storage: RealConstructor): {
  softmax: (x: Tensor) => Tensor
  logSoftmax: (x: Tensor) => Tensor
  layerNorm: (x: Tensor, weight: Tensor, bias: Tensor, eps: number) => Tensor
} {
  const eachRow = (
    x: Tensor,
    operation: string,
    row: (out: Real, start: number, end: number) => void,
  ): Tensor => {
    const n = x.shape.at(-1)
    if (n === undefined) throw new ShapeError(operation, 'x', 'at least one axis', x.shape)
    const out = new Storage(x.size)
    for (let start = 0; start < out.length; start += n) row(out, start, start + n)
    return tensor(out, x.shape)
  }

  return {
    softmax(x) {
      const { data } = x
      const weights = new Float64Array(x.shape.at(-1) ?? 0)
      return eachRow(x, 'softmax', (out, start, end) => {
        const max = maximum(data, start, end)
        let sum = 0
        for (let i = start; i < end; i++) sum += weights[i - start] = exp(data[i] - max)
        for (let i = start; i < end; i++) out[i] = weights[i - start] / sum
      })
    },

    logSoftmax(x) {
      const { data } = x
      return eachRow(x, 'logSoftmax', (out, start, end) => {
        const max = maximum(data, start, end)
        let sum = 0
        for (let i = start; i < end; i++) sum += exp(data[i] - max)
        const logSum = ln(sum)
        for (let i = start; i < end; i++) out[i] = data[i] - max - logSum
      })
    },

    layerNorm(x, weight, bias, eps) {
      const n = x.shape.at(-1) ?? 0
      for (const [name, { shape }] of Object.entries({ weight, bias })) {
        if (shape.length !== 1 || shape[0] !== n) throw new ShapeError('layerNorm', name, `[${n}]`, shape)
      }
      const { data } = x
      return eachRow(x, 'layerNorm', (out, start, end) => {
        let sum = 0
        for (let i = start; i < end; i++) sum += data[i]
        const mu = sum / n
        let squares = 0
        for (let i = start; i < end; i++) squares += (data[i] - mu) * (data[i] - mu)
        const deviation = Math.sqrt(squares / n + eps)
        for (let i = start; i < end; i++) {
          out[i] = ((data[i] - mu) / deviation) * weight.data[i - start] + bias.data[i - start]
        }
      })
    },
  }
}

function maximum(data: Real, start: number, end: number): number {
  let max = -Infinity
  for (let i = start; i < end; i++) if (data[i] > max) max = data[i]
  return max
}
