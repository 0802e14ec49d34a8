import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { matrix, multiply } from 'mathjs'
import ndarray from 'ndarray'
import gemm from 'ndarray-gemm'
import { product } from '../reference/float32/product.ts'
import { random } from '../src/random.ts'
import { compare, type Comparison, type Suite } from './suite.ts'

/** The first linear layer of the feed-forward network of DeiT-S: 196 tokens, 384 channels, 1536 hidden. */
const [n, k, m] = [196, 384, 1536]

/** The dense float32 product against the libraries of the ecosystem, one thread each. */
export const productSuite: Suite = {
  name: 'product',
  description: `float32 product ${n} × ${k} × ${m} against tfjs (cpu), ndarray-gemm and mathjs`,
  async run(): Promise<Comparison> {
    // no advertisement for another backend, no checks for debugging
    tf.enableProdMode()
    await tf.setBackend('cpu')
    const stream = random('bench/product')
    const a = Float32Array.from({ length: n * k }, () => stream.normal())
    const b = Float32Array.from({ length: k * m }, () => stream.normal())
    const rivals = [ours(a, b), tensorflow(a, b), ndarrayGemm(a, b), mathjs(a, b)]
    checkAgreement(a, b, rivals)
    const work = (2 * n * k * m) / 1e9
    return compare(rivals, { title: this.description, unit: 'GFLOP/s', work, rounds: 15 })
  },
}

interface Rival {
  readonly name: string
  run(): void
  readonly rounds?: number
  readonly target?: number
  /** Entry i·m + j of the last run's result. */
  at(place: number): number
}

function ours(a: Float32Array, b: Float32Array): Rival {
  const out = new Float32Array(n * m)
  return {
    name: 'touchstone',
    run: () => product(out, 0, a, 0, b, 0, n, k, m, false),
    at: (place) => out[place],
  }
}

function tensorflow(a: Float32Array, b: Float32Array): Rival {
  const [x, y] = [tf.tensor2d(a, [n, k]), tf.tensor2d(b, [k, m])]
  let out: ArrayLike<number> = []
  return {
    name: 'tfjs-backend-cpu',
    target: 3.5,
    run() {
      const result = tf.matMul(x, y)
      out = result.dataSync()
      result.dispose()
    },
    at: (place) => out[place],
  }
}

function ndarrayGemm(a: Float32Array, b: Float32Array): Rival {
  const out = ndarray(new Float32Array(n * m), [n, m])
  const [x, y] = [ndarray(a, [n, k]), ndarray(b, [k, m])]
  return { name: 'ndarray-gemm', target: 3.5, run: () => gemm(out, x, y), at: (place) => out.data[place] }
}

/**
 * Its speed hangs on how V8 stores the rows and what it inlines: from 190 ms to over 1 s for the same numbers. Rows made
 * entry by entry were the fastest; `[...typedArray]` the slowest.
 */
function mathjs(a: Float32Array, b: Float32Array): Rival {
  const rows = (data: Float32Array, width: number): number[][] =>
    Array.from({ length: data.length / width }, (_, i) =>
      Array.from({ length: width }, (__, j) => data[i * width + j]),
    )
  const [x, y] = [matrix(rows(a, k)), matrix(rows(b, m))]
  let out = x
  return {
    name: 'mathjs',
    target: 8,
    rounds: 5,
    run() {
      out = multiply(x, y)
    },
    at: (place) => Number(out.get([Math.floor(place / m), place % m])),
  }
}

/**
 * Runs all and holds each entry against the first's: any float32 evaluation, in whatever order, is within
 * γ·Σ|a·b| of the exact sum, γ = (k + 1)u/(1 − (k + 1)u), u = 2⁻²⁴, and so within twice that of another.
 */
function checkAgreement(a: Float32Array, b: Float32Array, rivals: readonly Rival[]): void {
  const magnitudes = new Float64Array(n * m)
  product(magnitudes, 0, a.map(Math.abs), 0, b.map(Math.abs), 0, n, k, m, false)
  const share = (k + 1) * 2 ** -24
  const gamma = share / (1 - share)
  for (const rival of rivals) rival.run()
  const [first, ...others] = rivals
  for (const other of others) {
    for (const [place, magnitude] of magnitudes.entries()) {
      const off = Math.abs(other.at(place) - first.at(place))
      if (off <= 2 * gamma * magnitude) continue
      throw new Error(
        `${other.name} disagrees at [${Math.floor(place / m)}, ${place % m}]: ${other.at(place)}, not ${first.at(place)}`,
      )
    }
  }
}
