import erfc from '@stdlib/math-base-special-erfc'
import exponential from '@stdlib/math-base-special-exp'
import ops from 'ndarray-ops'
import { ShapeError } from '../shape-error.ts'
import { sameShape, sizeOf, tensor, type RealConstructor, type Tensor } from '../tensor.ts'
import { broadcast, jointShape } from './broadcast.ts'

type Binary = (x: Tensor, y: Tensor) => Tensor
type Unary = (x: Tensor) => Tensor

/** `x ∘ y` in float64, rounded once; one operand's shape is a suffix of the other's. */
function binary(Storage: RealConstructor, operation: string, apply: typeof ops.add): Binary {
  return (x, y) => {
    const shape = jointShape(operation, x.shape, y.shape)
    const out = tensor(new Storage(sizeOf(shape)), shape)
    apply(out, broadcast(x, shape), broadcast(y, shape))
    return out
  }
}

function unary(Storage: RealConstructor, f: (x: number) => number): Unary {
  return (x) => {
    const out = new Storage(x.size)
    const { data } = x
    for (let i = 0; i < out.length; i++) out[i] = f(data[i])
    return tensor(out, x.shape)
  }
}

/** `x·Φ(x)`; through erfc, which keeps its digits where 1 + erf would cancel. */
function geluOf(x: number): number {
  return 0.5 * x * erfc(-x * Math.SQRT1_2)
}

/** The element-by-element primitives over `Storage`. */
export function elementwise(Storage: RealConstructor): {
  add: Binary
  subtract: Binary
  multiply: Binary
  weigh: Binary
  scale: (x: Tensor, factor: number) => Tensor
  exp: Unary
  gelu: Unary
} {
  return {
    add: binary(Storage, 'add', ops.add),
    subtract: binary(Storage, 'subtract', ops.sub),
    multiply: binary(Storage, 'multiply', ops.mul),
    weigh(w, x) {
      if (!sameShape(w.shape, x.shape))
        throw new ShapeError('weigh', 'x', `the shape of w, [${w.shape.join(', ')}]`, x.shape)
      const out = new Storage(w.size)
      for (let i = 0; i < out.length; i++) out[i] = w.data[i] === 0 ? 0 : w.data[i] * x.data[i]
      return tensor(out, w.shape)
    },
    scale(x, factor) {
      const out = tensor(new Storage(x.size), x.shape)
      ops.muls(out, x, factor)
      return out
    },
    exp: unary(Storage, exponential),
    gelu: unary(Storage, geluOf),
  }
}
