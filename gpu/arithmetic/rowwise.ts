import type { Arithmetic } from '../../reference/arithmetic.ts'
import { sizeOf } from '../../reference/tensor.ts'
import type { Recorder, Storage, Word } from '../program.ts'
import { overRows, type Forms } from './forms.ts'
import type { GpuDense, GpuKinds } from './kinds.ts'
import { demandVector, rowsOf } from './shapes.ts'

type Rules = Pick<Arithmetic<GpuKinds>, 'softmax' | 'logSoftmax' | 'layerNorm'>

/** The primitives along the last axis. */
export function rowwise(record: Recorder, forms: Forms): Rules {
  const eachRow = (kernel: string, x: GpuDense, more: readonly Storage[], ...words: Word[]): GpuDense => {
    const { rows, n } = rowsOf(kernel, x.shape)
    const run = { reads: [x.values, ...more], uniform: [rows, n, ...words] }
    const values = record.fill(sizeOf(x.shape), { ...run, ...overRows(forms, kernel, rows) })
    return { shape: x.shape, values }
  }
  return {
    softmax: (x) => eachRow('softmax', x, []),
    logSoftmax: (x) => eachRow('log-softmax', x, []),
    layerNorm(x, weight, bias, eps) {
      const { n } = rowsOf('layerNorm', x.shape)
      demandVector('layerNorm', 'weight', weight.shape, n)
      demandVector('layerNorm', 'bias', bias.shape, n)
      return eachRow('layer-norm', x, [weight.values, bias.values], { float: eps })
    },
  }
}
