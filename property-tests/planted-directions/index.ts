import type { Planted } from './planted.ts'
import { CHOICES } from './choices.ts'
import { GROSS } from './gross.ts'
import { LOSSES } from './losses.ts'
import { NORMS } from './norms.ts'
import { PRODUCTS } from './products.ts'
import { SOFTMAXES } from './softmax.ts'
import { STRUCTURE } from './structure.ts'

export { layer, map, toBfloat16 } from './planted.ts'

/** Every bug that is written by hand. */
export const PLANTED: readonly Planted[] = [
  ...NORMS,
  ...SOFTMAXES,
  ...PRODUCTS,
  ...STRUCTURE,
  ...CHOICES,
  ...LOSSES,
  ...GROSS,
]
