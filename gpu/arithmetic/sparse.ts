import type { Arithmetic } from '../../reference/arithmetic.ts'
import { ShapeError } from '../../reference/shape-error.ts'
import { sizeOf } from '../../reference/tensor.ts'
import type { Recorder, Storage, Word } from '../program.ts'
import { overRows, type Forms } from './forms.ts'
import type { GpuDense, GpuKinds, GpuMask, GpuSparse } from './kinds.ts'
import { demandSame, matrices, matrixOf, rowsOf } from './shapes.ts'

type Rules = Pick<
  Arithmetic<GpuKinds>,
  | 'compress'
  | 'expand'
  | 'threshold'
  | 'thresholdMagnitude'
  | 'sparseMatmul'
  | 'topK'
  | 'matmulAt'
  | 'sparseScale'
  | 'maskedSoftmax'
  | 'select'
  | 'sparseMatmulDense'
>

/** As `compress.wgsl` numbers them. */
const RULES = { 'not zero': 0, above: 1, 'above in magnitude': 2 } as const

/** The primitives on rows of which only some places are held. */
export function sparse(record: Recorder, forms: Forms): Rules {
  const compress = (x: GpuDense, rule: keyof typeof RULES, limit = 0): GpuSparse => {
    const { rows, n: m } = rowsOf('compress', x.shape)
    const [counts, columns, values] = [rows, rows * m, rows * m].map((words) => record.allocate(words))
    const uniform: Word[] = [rows, m, { float: limit }]
    const run = {
      ...overRows(forms, 'compress', rows),
      reads: [x.values],
      uniform,
      constants: { rule: RULES[rule] },
    }
    record.dispatch(run, [x.values, counts, columns, values])
    return { pattern: { shape: x.shape, capacity: m, counts, columns }, values }
  }
  const expand = ({ pattern, values }: GpuSparse): GpuDense => ({
    shape: pattern.shape,
    values: wholeRows(record, forms, pattern, values),
  })
  const select = (pattern: GpuMask, x: GpuDense): GpuSparse => {
    demandSame('select', 'x', pattern.shape, x.shape)
    const { rows, n: m } = rowsOf('select', x.shape)
    const count = rows * pattern.capacity
    const values = record.fill(count, {
      kernel: 'gather',
      reads: [pattern.counts, pattern.columns, x.values],
      uniform: [count, m, pattern.capacity],
      invocations: count,
    })
    return { pattern, values }
  }
  return {
    compress: (x) => compress(x, 'not zero'),
    expand,
    threshold: (x, tau) => compress(x, 'above', tau),
    thresholdMagnitude: (x, t) => compress(x, 'above in magnitude', t),
    select,

    sparseMatmul(x, y) {
      const [n, k] = matrixOf('sparseMatmul', 'x', x.pattern.shape)
      const [inner, m] = matrixOf('sparseMatmul', 'y', y.pattern.shape)
      if (inner !== k) throw new ShapeError('sparseMatmul', 'y', `[.., ${k}, m]`, y.pattern.shape)
      const paired = matrices('sparseMatmul', x.pattern.shape, y.pattern.shape)
      const shape = [...paired.lead, n, m]
      const rows = sizeOf(paired.lead) * n
      const values = record.fill(rows * m, {
        ...overRows(forms, 'sparse-product', rows),
        reads: [x, y].flatMap(({ pattern, values: held }) => [pattern.counts, pattern.columns, held]),
        uniform: [rows, n, k, m, paired.x, paired.y, x.pattern.capacity, y.pattern.capacity],
      })
      return compress({ shape, values }, 'not zero')
    },

    topK({ pattern, values }, budget) {
      const { rows, n: m } = rowsOf('topK', pattern.shape)
      const capacity = Math.max(1, Math.min(budget, m))
      const [counts, columns] = [rows, rows * capacity].map((words) => record.allocate(words))
      const reads = [pattern.counts, pattern.columns, values]
      const uniform = [rows, m, pattern.capacity, Math.min(budget, m), capacity]
      record.dispatch({ ...overRows(forms, 'top-k', rows), reads, uniform }, [...reads, counts, columns])
      return { shape: pattern.shape, capacity, counts, columns }
    },

    matmulAt(mask, x, y) {
      const [n, m] = matrixOf('matmulAt', 'mask', mask.shape)
      const [, k] = matrixOf('matmulAt', 'x', x.shape)
      const [yRows, inner] = matrixOf('matmulAt', 'y', y.shape)
      if (yRows !== m || inner !== k) throw new ShapeError('matmulAt', 'y', `[.., ${m}, ${k}]`, y.shape)
      const paired = matrices('matmulAt', x.shape, y.shape)
      demandSame('matmulAt', 'mask', [...paired.lead, x.shape[x.shape.length - 2], m], mask.shape)
      const count = (sizeOf(mask.shape) / m) * mask.capacity
      const run = { uniform: [count, n, m, k, mask.capacity, paired.x, paired.y], invocations: count }
      const values = record.fill(count, {
        ...run,
        ...(forms.kernels === 'workgroup'
          ? { kernel: 'sampled-product-workgroup', constants: { d_fours: Number(k % 4 === 0) } }
          : { kernel: 'sampled-product' }),
        reads: [mask.counts, mask.columns, x.values, y.values],
      })
      return { pattern: mask, values }
    },

    sparseScale({ pattern, values: x }, factor) {
      const uniform: Word[] = [x.words, { float: factor }]
      const values = record.fill(x.words, { kernel: 'scale', reads: [x], uniform, invocations: x.words })
      return { pattern, values }
    },

    maskedSoftmax(mask, x) {
      const { pattern, values: held } = x.pattern === mask ? x : select(mask, expand(x))
      const rows = pattern.counts.words
      const run = { reads: [pattern.counts, held], uniform: [rows, pattern.capacity] }
      const values = record.fill(held.words, { ...run, ...overRows(forms, 'masked-softmax', rows) })
      return { pattern, values }
    },

    sparseMatmulDense({ pattern, values: held }, y) {
      const [n, m] = matrixOf('sparseMatmulDense', 'x', pattern.shape)
      const [inner, d] = matrixOf('sparseMatmulDense', 'y', y.shape)
      if (inner !== m) throw new ShapeError('sparseMatmulDense', 'y', `[.., ${m}, d]`, y.shape)
      const paired = matrices('sparseMatmulDense', pattern.shape, y.shape)
      const shape = [...paired.lead, n, d]
      const count = sizeOf(shape)
      const values = record.fill(count, {
        kernel: 'sparse-dense-product',
        reads: [pattern.counts, pattern.columns, held, y.values],
        uniform: [count, n, m, d, pattern.capacity, paired.x, paired.y],
        invocations: count,
      })
      return { shape, values }
    },
  }
}

/** Held entries as whole rows; without values, ones. */
export function wholeRows(record: Recorder, forms: Forms, pattern: GpuMask, values?: Storage): Storage {
  const { rows, n: m } = rowsOf('expand', pattern.shape)
  return record.fill(rows * m, {
    ...overRows(forms, 'expand', rows),
    reads: [pattern.counts, pattern.columns, values ?? pattern.columns],
    uniform: [rows, m, pattern.capacity],
    constants: { marks: Number(values === undefined) },
  })
}
