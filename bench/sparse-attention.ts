import type { Kinds } from '../reference/arithmetic.ts'
import type { Evaluator, MaskArray } from '../reference/evaluator.ts'
import { float32, float32Dense } from '../reference/float32/index.ts'
import { eq4 } from '../reference/sparsifiner/eq4-sparse-attention.ts'
import { eq6 } from '../reference/sparsifiner/eq6-sparse-values.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { random, type Random } from '../src/random.ts'
import { compare, type Comparison, type Contender, type Suite } from './suite.ts'

const d = 64

/**
 * Sparsifiner Eq. (4) `masked`, then Eq. (6): the same two texts on compressed rows and on whole rows. Eq. (6) is asked as a
 * case asks it, of a dense A_sparse, so compressed rows pay for expanding and compressing it again.
 */
export function sparseAttentionSuite(n: number, heads: number, keepRate: number, target?: number): Suite {
  return {
    name: `sparse-attention-${n}-${keepRate}`,
    description: `Sparsifiner Eqs. 4 (masked) and 6, ${heads} heads, n = ${n}, d = ${d}, keep rate ${keepRate}`,
    run(): Promise<Comparison> {
      const stream = random(this.name)
      const shape = [heads, n, d]
      const [Q, K, V] = ['Q', 'K', 'V'].map((name) => normals(stream.fork(name), shape))
      const M = keepRandom(stream.fork('M'), heads, n, keepRate)
      const rows = texts('compressed rows', float32(), { Q, K, V, M })
      const whole = texts('whole rows', float32Dense(), { Q, K, V, M })
      checkSameBits(rows.answer(), whole.answer())
      return compare([rows, target === undefined ? whole : { ...whole, target }], {
        title: this.description,
        unit: 'attention layers/s',
        work: 1,
        rounds: 11,
      })
    },
  }
}

function texts<K extends Kinds>(
  name: string,
  { rules: a, ...at }: Evaluator<K>,
  tensors: { Q: Tensor; K: Tensor; V: Tensor; M: MaskArray },
): Contender & { answer(): Tensor } {
  const [Q, keys, V] = [tensors.Q, tensors.K, tensors.V].map((x) => at.dense(x))
  const M = at.mask(tensors.M)
  const attend = (): K['Dense'] => {
    const { A_sparse } = eq4(a, { Q, K: keys, M }, {}, { normalize: 'masked' })
    return eq6(a, { A_sparse: a.expand(A_sparse), V }).X_next
  }
  return { name, run: () => void attend(), answer: () => at.readDense(attend()) }
}

function normals(source: Random, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1)
  return tensor(
    Float32Array.from({ length: size }, () => source.normal()),
    shape,
  )
}

/** ⌈keepRate·n⌉ random places in each row. */
export function keepRandom(source: Random, heads: number, n: number, keepRate: number): MaskArray {
  const data = new Uint8Array(heads * n * n)
  const columns = Array.from({ length: n }, (_, column) => column)
  for (let start = 0; start < data.length; start += n) {
    for (let i = 0; i < Math.ceil(keepRate * n); i++) {
      const j = source.integer(i, n - 1)
      const chosen = columns[j]
      columns[j] = columns[i]
      columns[i] = chosen
      data[start + chosen] = 1
    }
  }
  return { shape: [heads, n, n], data }
}

function checkSameBits(a: Tensor, b: Tensor): void {
  const differs = a.data.findIndex((value, i) => value !== b.data[i])
  if (differs !== -1)
    throw new Error(`compressed and whole rows differ at ${differs}: ${a.data[differs]}, ${b.data[differs]}`)
}
