import { sizeOf } from '../../../reference/tensor.ts'
import type { Recorder } from '../../program.ts'
import { overRows, type Forms } from '../forms.ts'
import { mapOf } from '../shapes.ts'
import type { Fused } from './fused.ts'

interface Rules {
  readonly poolingFeatures: Fused<'poolingFeatures'>
  readonly softmaxPooling: Fused<'softmaxPooling'>
}

/** Columns that one invocation of `softmax-pooling.wgsl` computes, and one of `softmax-pooling-workgroup.wgsl`. */
const [COLUMNS, SHARED_COLUMNS] = [16, 4]

/** The parts of STViT's pooling, Eqs. (4) and (5). */
export function pooling(record: Recorder, forms: Forms): Rules {
  return {
    poolingFeatures({ X, dw: { weight, bias }, norm, eps }, z) {
      const [H, W, C] = mapOf('poolingFeatures', X.shape)
      const [kh, kw] = weight.shape.slice(-2)
      const places = sizeOf(X.shape) / C
      const run = {
        ...overRows(forms, 'pooling-features', places),
        // a binding must be bound, whether or not it is read
        reads: [X, weight, bias ?? weight, norm.weight, norm.bias].map(({ values }) => values),
        uniform: [places, H, W, C, kh, kw, Number(bias !== undefined), { float: eps }],
      }
      record.dispatch(run, [...run.reads, z.values])
    },
    softmaxPooling({ logits, tokens }, z) {
      const [l, C] = tokens.shape.slice(-2)
      const columns = forms.kernels === 'workgroup' ? SHARED_COLUMNS * forms.workgroupSize : COLUMNS
      const parts = (sizeOf(logits.shape) / l) * Math.ceil(C / columns)
      const reads = [logits.values, tokens.values]
      const run = { ...overRows(forms, 'softmax-pooling', parts), reads, uniform: [parts, l, C] }
      record.dispatch(run, [...reads, z.values])
    },
  }
}
