import type { Arithmetic, Kinds } from './arithmetic.ts'
import type { Shape, Tensor } from './tensor.ts'

/** A 0/1 array as cases carry it: one byte an entry, row-major. */
export interface MaskArray {
  readonly shape: Shape
  readonly data: Uint8Array
}

/** A tensor as it enters and leaves an arithmetic. Sparse rows leave as dense tensors, zeros filled in. */
export type Value =
  { readonly kind: 'dense'; readonly tensor: Tensor } | { readonly kind: 'mask'; readonly mask: MaskArray }

/** An arithmetic together with how tensors get in. */
export interface Intake<K extends Kinds> {
  /** As given to `--arithmetic`. */
  readonly name: string
  readonly rules: Arithmetic<K>
  dense(tensor: Tensor): K['Dense']
  sparse(tensor: Tensor): K['Sparse']
  mask(mask: MaskArray): K['Mask']
}

/** An arithmetic together with its boundary: how tensors get in and results out. */
export interface Evaluator<K extends Kinds> extends Intake<K> {
  readDense(x: K['Dense']): Tensor
  readSparse(x: K['Sparse']): Tensor
  readMask(x: K['Mask']): MaskArray
}
