import type { Arithmetic } from '../../reference/arithmetic.ts'
import { ShapeError } from '../../reference/shape-error.ts'
import { sizeOf, type Shape } from '../../reference/tensor.ts'
import type { Recorder, Storage } from '../program.ts'
import { overRows, type Forms } from './forms.ts'
import type { GpuDense, GpuKinds } from './kinds.ts'
import { mapOf, rowsOf } from './shapes.ts'

type Rules = Pick<Arithmetic<GpuKinds>, 'sum' | 'mean' | 'pool'>

/**
 * Beyond this many terms, everything is summed in parts first: of the form `scalar` as many parts as terms in one,
 * since an invocation has one.
 */
const PART = 256
/** Terms of a part that a workgroup sums: few enough for parts to fill a GPU, enough for the rest to be little. */
const WORKGROUP_PART = 4096

/** Sums and means, of rows, of everything, and of the bins of a map. */
export function reductions(record: Recorder, forms: Forms): Rules {
  const sums = (x: Storage, rows: number, n: number, divisor: number): Storage =>
    record.fill(rows, {
      ...overRows(forms, 'reduce', rows),
      reads: [x],
      uniform: [rows, n, x.words, { float: divisor }],
    })
  const reduce = (operation: 'sum' | 'mean', x: GpuDense, over: 'last' | 'all'): GpuDense => {
    if (over === 'last') {
      const { rows, n } = rowsOf(operation, x.shape)
      const values = sums(x.values, rows, n, operation === 'mean' ? n : 1)
      return { shape: x.shape.slice(0, -1), values }
    }
    const count = sizeOf(x.shape)
    let rest = x.values
    const shared = forms.kernels === 'workgroup'
    while (rest.words > (shared ? WORKGROUP_PART : PART)) {
      const length = shared ? WORKGROUP_PART : Math.ceil(Math.sqrt(rest.words))
      rest = sums(rest, Math.ceil(rest.words / length), length, 1)
    }
    return { shape: [], values: sums(rest, 1, rest.words, operation === 'mean' ? count : 1) }
  }
  return {
    sum: (x, over) => reduce('sum', x, over),
    mean: (x, over) => reduce('mean', x, over),
    pool(x, { rows, columns }, reduction) {
      const [H, W, C] = mapOf('pool', x.shape)
      const outside = (extent: number) => (bin: readonly [number, number]) =>
        bin[0] < 0 || bin[1] > extent || bin[0] >= bin[1]
      if (rows.some(outside(H)) || columns.some(outside(W))) {
        throw new ShapeError('pool', 'x', '[.., H, W, C] that holds every bin', x.shape)
      }
      const shape: Shape = [...x.shape.slice(0, -3), rows.length, columns.length, C]
      const count = sizeOf(shape)
      const bins = record.upload(Uint32Array.from([...rows, ...columns].flat()))
      const values = record.fill(count, {
        kernel: 'pool',
        reads: [x.values, bins],
        uniform: [count, H, W, C, rows.length, columns.length],
        invocations: count,
        constants: { largest: reduction === 'max' ? 1 : 0 },
      })
      return { shape, values }
    },
  }
}
