import type { Climbed } from './attack.ts'
import { ELEMENTWISE_ATTACKS } from './elementwise.ts'
import { LAYER_NORM_ATTACKS } from './layer-norm.ts'
import { PRODUCT_ATTACKS } from './products.ts'
import { REDUCTION_ATTACKS } from './reductions.ts'
import { RESULT_ATTACKS } from './results.ts'
import { SOFTMAX_ATTACKS } from './softmax.ts'
import { STEPWISE_ATTACKS } from './stepwise.ts'

/** Inputs, and choices of a machine, that take the errors of each primitive to its bound, or near it. */
export const attacks: readonly Climbed[] = [
  ...ELEMENTWISE_ATTACKS,
  ...REDUCTION_ATTACKS,
  ...PRODUCT_ATTACKS,
  ...SOFTMAX_ATTACKS,
  ...LAYER_NORM_ATTACKS,
  ...RESULT_ATTACKS,
  ...STEPWISE_ATTACKS,
]
