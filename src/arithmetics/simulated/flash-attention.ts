import { pairMatrices } from '../../../reference/float32/broadcast.ts'
import { matrixSizes } from '../../../reference/float32/products.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { columnsOf, operands } from './products.ts'
import type { Runtime } from './runtime.ts'
import { maximum, power } from './softmax.ts'
import { generate } from './tensors.ts'

/**
 * softmax(logits)·v in one pass over the keys, `block` at a time: the sum so far and the values so far are multiplied by
 * exp(old maximum − new) wherever the maximum grows, and divided at the end (Dao et al., "FlashAttention", 2022). The weights of a
 * block go into its product as the matrix units take them, not yet divided. Logits `[.., n, k]`, v `[.., k, m]` → `[.., n, m]`.
 */
export function flashAttention(runtime: Runtime, logits: Tensor, v: Tensor, block: number): Tensor {
  const { machine: m } = runtime
  const { n, k, m: width } = matrixSizes('matmul', logits, v, false)
  const lead = pairMatrices('matmul', logits.shape.slice(0, -2), v.shape.slice(0, -2))
  const values = operands(runtime, v)
  const out = new Float64Array(lead.count * n * width)
  const [row, powers, weights, terms] = Array.from({ length: 4 }, () => new Float64Array(k))

  for (let i = 0; i < lead.count; i++) {
    const columns = columnsOf(values, lead.second(i) * k * width, k, width)
    for (let query = 0; query < n; query++) {
      row.set(logits.data.subarray((lead.first(i) * n + query) * k, (lead.first(i) * n + query + 1) * k))
      const sums = new Float64Array(width)
      let [shift, total] = [-Infinity, 0]
      for (let from = 0; from < k; from += block) {
        const to = Math.min(k, from + block)
        const larger = Math.max(shift, maximum(row, from, to))
        const rescale = larger > shift && shift !== -Infinity ? power(runtime, shift, larger) : 1
        shift = larger
        for (let j = from; j < to; j++) {
          powers[j - from] = power(runtime, row[j], shift)
          weights[j - from] = runtime.operand(powers[j - from])
        }
        total = m.add(m.multiply(total, rescale), runtime.sum(powers, to - from))
        for (let c = 0; c < width; c++) {
          terms.set(columns[c].subarray(from, to))
          sums[c] = m.add(m.multiply(sums[c], rescale), runtime.dot(weights, terms, to - from))
        }
      }
      for (let c = 0; c < width; c++) {
        out[(i * n + query) * width + c] = runtime.divide(sums[c], total)
      }
    }
  }
  return generate(runtime, [...lead.lead, n, width], (at) => out[at])
}
