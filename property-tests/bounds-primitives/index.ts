import { elementwise } from './elementwise.ts'
import { norms } from './layer-norm.ts'
import type { Primitive } from './primitive.ts'
import { products } from './products.ts'
import { reductions } from './reductions.ts'
import { softmaxes } from './softmax.ts'

export { scaled } from './elementwise.ts'
export { exact, foundBy, within, type BoundedRules, type Operand, type Primitive } from './primitive.ts'
export { scaledProduct } from './products.ts'

type PrimitiveName =
  | keyof typeof elementwise
  | keyof typeof reductions
  | keyof typeof products
  | keyof typeof softmaxes
  | keyof typeof norms

export const primitives: Readonly<Record<PrimitiveName, Primitive>> = {
  ...elementwise,
  ...reductions,
  ...products,
  ...softmaxes,
  ...norms,
}
