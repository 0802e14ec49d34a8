import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { Recorder } from '../program.ts'
import { elementwise } from './elementwise.ts'
import type { Forms } from './forms.ts'
import { fusedRules } from './fused/index.ts'
import type { GpuKinds } from './kinds.ts'
import { places } from './places.ts'
import { products } from './products.ts'
import { reductions } from './reductions.ts'
import { rowwise } from './rowwise.ts'
import { sparse } from './sparse.ts'

export type { GpuDense, GpuKinds, GpuMask } from './kinds.ts'

/**
 * The primitives on the device: every rule writes down what is to be run, and nothing runs until something is read. With `fuse`,
 * a composite of which only the result is read is computed by a kernel of its own.
 */
export function gpuArithmetic(record: Recorder, forms: Forms, fuse: boolean): Arithmetic<GpuKinds> {
  const kernels = fuse ? fusedRules(record, forms) : undefined
  return {
    ...places(record),
    ...elementwise(record),
    ...reductions(record, forms),
    ...products(record, forms),
    ...rowwise(record, forms),
    ...sparse(record, forms),
    composite: (name, operands, body) =>
      kernels === undefined ? body() : record.choice(body, (result) => kernels[name](operands, result)),
    scope: (_, body) => body(),
    expose: (_, x) => x,
    exposeSparse: (_, x) => x,
    exposeMask: (_, x) => x,
  }
}
