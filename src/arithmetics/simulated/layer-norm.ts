import type { Arithmetic } from '../../../reference/arithmetic.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { ShapeError } from '../../../reference/shape-error.ts'
import type { Runtime } from './runtime.ts'
import { eachRow } from './tensors.ts'

/** μ and σ² of a row, biased. */
type Moments = (x: Float64Array, scratch: Float64Array) => readonly [mean: number, variance: number]

/**
 * (x − μ)·(1/√(σ² + ε))·weight + bias, every step rounded; with a fused runtime the last two are one. Folded, the two affine maps are
 * one for each channel: x·(r·weight) + (bias − μ·r·weight).
 */
export function layerNorms(runtime: Runtime): Pick<Arithmetic<FullKinds>, 'layerNorm'> {
  const { machine: m } = runtime
  const moments = momentsOf(runtime)
  const folded = runtime.design.normAffine === 'folded'
  /** x·y + z */
  const line = (x: number, y: number, z: number): number =>
    runtime.fused ? m.fused(x, y, z) : m.add(m.multiply(x, y), z)
  return {
    layerNorm(x, weight, bias, eps) {
      const n = x.shape.at(-1) ?? 0
      for (const [name, { shape }] of Object.entries({ weight, bias })) {
        if (shape.length !== 1 || shape[0] !== n) throw new ShapeError('layerNorm', name, `[${n}]`, shape)
      }
      const epsilon = m.round(eps)
      const scratch = new Float64Array(n)
      return eachRow(runtime, 'layerNorm', x, (row, out) => {
        const [mean, variance] = moments(row, scratch)
        const inverse = runtime.inverseRoot(m.add(variance, epsilon))
        for (let i = 0; i < n; i++) {
          if (folded) {
            const slope = m.multiply(inverse, weight.data[i])
            out[i] = line(slope, row[i], line(-mean, slope, bias.data[i]))
          } else {
            out[i] = line(m.multiply(m.subtract(row[i], mean), inverse), weight.data[i], bias.data[i])
          }
        }
      })
    },
  }
}

function momentsOf(runtime: Runtime): Moments {
  const { machine: m } = runtime
  const meanOf = (x: Float64Array): number => runtime.divide(runtime.sum(x, x.length), x.length)
  switch (runtime.design.layerNorm) {
    case 'two-pass':
      return (x, centred) => {
        const mean = meanOf(x)
        for (let i = 0; i < x.length; i++) centred[i] = m.subtract(x[i], mean)
        return [mean, runtime.divide(runtime.dot(centred, centred, x.length), x.length)]
      }
    case 'one-pass':
      // cancellation may leave less than nothing, of which there is no root
      return (x) => {
        const mean = meanOf(x)
        const meanSquare = runtime.divide(runtime.dot(x, x, x.length), x.length)
        return [mean, Math.max(0, m.subtract(meanSquare, m.multiply(mean, mean)))]
      }
    case 'welford':
      return (x) => welford(runtime, x)
  }
}

/** Welford, "Note on a method for calculating corrected sums of squares and products", 1962: one element after another. */
function welford({ machine: m, divide }: Runtime, x: Float64Array): readonly [number, number] {
  let [mean, squares] = [0, 0]
  for (let i = 0; i < x.length; i++) {
    const before = m.subtract(x[i], mean)
    mean = m.add(mean, divide(before, i + 1))
    squares = m.add(squares, m.multiply(before, m.subtract(x[i], mean)))
  }
  return [mean, divide(squares, x.length)]
}
