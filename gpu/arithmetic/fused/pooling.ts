import { sizeOf } from '../../../reference/tensor.ts'
import type { Recorder } from '../../program.ts'
import { mapOf } from '../shapes.ts'
import type { Fused } from './fused.ts'

interface Rules {
  readonly poolingFeatures: Fused<'poolingFeatures'>
  readonly softmaxPooling: Fused<'softmaxPooling'>
}

/** Columns that one invocation of `softmax-pooling.wgsl` computes. */
const COLUMNS = 16

/** The parts of STViT's pooling, Eqs. (4) and (5). */
export function pooling(record: Recorder): Rules {
  return {
    poolingFeatures({ X, dw: { weight, bias }, norm, eps }, z) {
      const [H, W, C] = mapOf('poolingFeatures', X.shape)
      const [kh, kw] = weight.shape.slice(-2)
      const places = sizeOf(X.shape) / C
      const run = {
        kernel: 'pooling-features',
        // a binding must be bound, whether or not it is read
        reads: [X, weight, bias ?? weight, norm.weight, norm.bias].map(({ values }) => values),
        uniform: [places, H, W, C, kh, kw, Number(bias !== undefined), { float: eps }],
        invocations: places,
      }
      record.dispatch(run, [...run.reads, z.values])
    },
    softmaxPooling({ logits, tokens }, z) {
      const [l, C] = tokens.shape.slice(-2)
      const parts = (sizeOf(logits.shape) / l) * Math.ceil(C / COLUMNS)
      const reads = [logits.values, tokens.values]
      const run = { kernel: 'softmax-pooling', reads, uniform: [parts, l, C], invocations: parts }
      record.dispatch(run, [...reads, z.values])
    },
  }
}
