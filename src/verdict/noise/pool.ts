import type { Bins } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import { nearlyAlike } from './alike.ts'
import { fill, squared, type Noisy } from './noise.ts'
import { farOff } from './order.ts'
import { varianceOfSum, type Scatter } from './scatter.ts'

const t = fullArithmetic(Float64Array)

/**
 * Pooling of the noise arithmetic. Of the mean over n places: the inherited noise, that of summing, where blank patches make equal terms and a sky above the ground takes the sum far off, and one division. Of the
 * largest: the largest noise in the bin, since a runtime may pick any element that rounding makes the largest.
 */
export function poolNoise(scatter: Scatter, x: Noisy, bins: Bins, reduction: 'mean' | 'max'): Noisy {
  const v = t.pool(x.v, bins, reduction)
  if (reduction === 'max') return { v, s2: t.pool(x.s2, bins, 'max') }
  const squares = t.pool(squared(x.v), bins, 'mean')
  const inherited = t.pool(x.s2, bins, 'mean')
  const [H, W, C] = x.v.shape.slice(-3)
  const perBatch = bins.rows.length * bins.columns.length
  return {
    v,
    s2: fill(v.shape, (i) => {
      const bin = Math.floor(i / C) % perBatch
      const [top, bottom] = bins.rows[Math.floor(bin / bins.columns.length)]
      const [left, right] = bins.columns[bin % bins.columns.length]
      const n = (bottom - top) * (right - left)
      const batch = Math.floor(i / C / perBatch)
      const terms = new Float64Array(n)
      let at = 0
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++)
          terms[at++] = x.v.data[((batch * H + row) * W + column) * C + (i % C)]
      }
      const [S, Q] = [n * v.data[i], n * squares.data[i]]
      const far = n * scatter.c ** 2 * farOff(terms, 0, n, S, Q)
      const sum = varianceOfSum(scatter.sum(n, false), S, Q, nearlyAlike(terms)) + far
      return inherited.data[i] / n + sum / n ** 2 + (scatter.divide * v.data[i]) ** 2
    }),
  }
}
