import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { Recorder } from '../program.ts'
import { elementwise } from './elementwise.ts'
import { fusedRules } from './fused.ts'
import type { GpuKinds } from './kinds.ts'
import { places } from './places.ts'
import { products } from './products.ts'
import { reductions } from './reductions.ts'
import { rowwise } from './rowwise.ts'
import { sparse } from './sparse.ts'

export type { GpuDense, GpuKinds, GpuMask } from './kinds.ts'

/**
 * The primitives on the device: every rule writes down what is to be run, and nothing runs until something is read. Where `fuse`, a
 * composite of which only the result is read is one kernel.
 */
export function gpuArithmetic(record: Recorder, fuse: boolean): Arithmetic<GpuKinds> {
  const fused = fusedRules(record)
  return {
    ...places(record),
    ...elementwise(record),
    ...reductions(record),
    ...products(record),
    ...rowwise(record),
    ...sparse(record),
    composite: (name, operands, body) =>
      fuse ? record.choice(body, (result) => fused[name](operands, result)) : body(),
    scope: (_, body) => body(),
    expose: (_, x) => x,
    exposeSparse: (_, x) => x,
    exposeMask: (_, x) => x,
  }
}
