import type { Arithmetic } from '../../../reference/arithmetic.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { jointShape } from '../../../reference/float32/broadcast.ts'
import { ShapeError } from '../../../reference/shape-error.ts'
import { sameShape, sizeOf, type Tensor } from '../../../reference/tensor.ts'
import type { Runtime } from './runtime.ts'
import { generate } from './tensors.ts'

type Rules = Pick<
  Arithmetic<FullKinds>,
  'add' | 'subtract' | 'multiply' | 'weigh' | 'scale' | 'exp' | 'gelu' | 'sum' | 'mean' | 'pool'
>

/** The primitives of one element, and those of many that become one. */
export function elementwise(runtime: Runtime): Rules {
  const { machine: m } = runtime
  const binary =
    (operation: string, apply: (x: number, y: number) => number) =>
    (x: Tensor, y: Tensor): Tensor => {
      const shape = jointShape(operation, x.shape, y.shape)
      return generate(runtime, shape, (i) => apply(x.data[i % x.size], y.data[i % y.size]))
    }
  const half = m.round(Math.SQRT1_2)
  const reduce = (
    operation: string,
    x: Tensor,
    over: 'last' | 'all',
    finish: (sum: number, n: number) => number,
  ): Tensor => {
    if (over === 'last' && x.shape.length === 0)
      throw new ShapeError(operation, 'x', 'at least one axis', x.shape)
    const shape = over === 'last' ? x.shape.slice(0, -1) : []
    const n = x.size / sizeOf(shape)
    const terms = new Float64Array(n)
    return generate(runtime, shape, (row) => {
      for (let i = 0; i < n; i++) terms[i] = x.data[row * n + i]
      return finish(runtime.sum(terms, n), n)
    })
  }

  return {
    add: binary('add', m.add),
    subtract: binary('subtract', m.subtract),
    multiply: binary('multiply', m.multiply),
    weigh(w, x) {
      if (!sameShape(w.shape, x.shape))
        throw new ShapeError('weigh', 'x', `the shape of w, [${w.shape.join(', ')}]`, x.shape)
      return generate(runtime, w.shape, (i) => (w.data[i] === 0 ? 0 : m.multiply(w.data[i], x.data[i])))
    },
    scale(x, factor) {
      const rounded = m.round(factor)
      return generate(runtime, x.shape, (i) => m.multiply(x.data[i], rounded))
    },
    exp: (x) => generate(runtime, x.shape, (i) => runtime.exp(x.data[i])),
    /** (x/2)·(1 + erf(x/√2)), every step rounded. */
    gelu: (x) =>
      generate(runtime, x.shape, (i) => {
        const value = x.data[i]
        return m.multiply(m.multiply(0.5, value), m.add(1, runtime.erf(m.multiply(value, half))))
      }),
    sum: (x, over) => reduce('sum', x, over, (sum) => sum),
    mean: (x, over) => reduce('mean', x, over, runtime.divide),
    pool(x, { rows, columns }, reduction) {
      const [H, W, C] = x.shape.slice(-3)
      const outside = (extent: number) => (bin: readonly [number, number]) =>
        bin[0] < 0 || bin[1] > extent || bin[0] >= bin[1]
      if (x.shape.length < 3 || rows.some(outside(H)) || columns.some(outside(W))) {
        throw new ShapeError('pool', 'x', '[.., H, W, C] that holds every bin', x.shape)
      }
      const terms = new Float64Array(H * W)
      return generate(runtime, [...x.shape.slice(0, -3), rows.length, columns.length, C], (at) => {
        const bin = Math.floor(at / C)
        const [left, right] = columns[bin % columns.length]
        const [top, bottom] = rows[Math.floor(bin / columns.length) % rows.length]
        const batch = Math.floor(bin / columns.length / rows.length)
        let n = 0
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++)
            terms[n++] = x.data[((batch * H + row) * W + column) * C + (at % C)]
        }
        return reduction === 'mean'
          ? runtime.divide(runtime.sum(terms, n), n)
          : terms.subarray(0, n).reduce((most, value) => Math.max(most, value), -Infinity)
      })
    },
  }
}
