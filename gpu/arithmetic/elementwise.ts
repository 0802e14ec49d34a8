import type { Arithmetic } from '../../reference/arithmetic.ts'
import { sizeOf } from '../../reference/tensor.ts'
import type { Recorder, Word } from '../program.ts'
import type { GpuDense, GpuKinds } from './kinds.ts'
import { demandSame, jointShape } from './shapes.ts'

type Rules = Pick<Arithmetic<GpuKinds>, 'add' | 'subtract' | 'multiply' | 'weigh' | 'scale' | 'exp' | 'gelu'>

/** As `binary.wgsl` numbers them. */
const OPERATIONS = { add: 0, subtract: 1, multiply: 2, weigh: 3 } as const

/** The element-by-element primitives. */
export function elementwise(record: Recorder): Rules {
  const binary =
    (operation: keyof typeof OPERATIONS) =>
    (x: GpuDense, y: GpuDense): GpuDense => {
      const shape = jointShape(operation, x.shape, y.shape)
      const count = sizeOf(shape)
      const values = record.fill(count, {
        kernel: 'binary',
        reads: [x.values, y.values],
        uniform: [count, sizeOf(x.shape), sizeOf(y.shape)],
        invocations: count,
        constants: { operation: OPERATIONS[operation] },
      })
      return { shape, values }
    }
  const unary = (kernel: string, { shape, values: x }: GpuDense, ...more: Word[]): GpuDense => {
    const count = sizeOf(shape)
    const values = record.fill(count, { kernel, reads: [x], uniform: [count, ...more], invocations: count })
    return { shape, values }
  }
  const weigh = binary('weigh')
  return {
    add: binary('add'),
    subtract: binary('subtract'),
    multiply: binary('multiply'),
    weigh(w, x) {
      demandSame('weigh', 'x', w.shape, x.shape)
      return weigh(w, x)
    },
    scale: (x, factor) => unary('scale', x, { float: factor }),
    exp: (x) => unary('exp', x),
    gelu: (x) => unary('gelu', x),
  }
}
