import { ELEMENTWISE_TERMS } from './elementwise.ts'
import { FUNCTIONS_TERMS } from './functions.ts'
import { LAYER_NORM_TERMS } from './layer-norm.ts'
import { PRODUCTS_TERMS } from './products.ts'
import { REDUCTIONS_TERMS } from './reductions.ts'
import { RESULTS_TERMS } from './results.ts'
import { SOFTMAX_TERMS } from './softmax.ts'
import { STEPWISE_TERMS } from './stepwise.ts'
import type { Term } from './term.ts'

export { FILES, type Term } from './term.ts'

/**
 * Every term of every bound: where it stands, and the same with half of it. Three are missing, which other terms always
 * outweigh, and that are there for rigour: an exponent's argument moved by the logits' own errors, the rescalings'
 * products in log-softmax, and what flushing takes from a mean or variance. Of what is written out, float32's own
 * roundings are missing, of which the format's are hundreds of times as large; what makes a root too small, which moves
 * y less than the same above; the rounding of ε; and squares of what is inherited, where the bound without steps is no
 * smaller.
 */
export const TERMS: readonly Term[] = [
  ...FUNCTIONS_TERMS,
  ...RESULTS_TERMS,
  ...ELEMENTWISE_TERMS,
  ...PRODUCTS_TERMS,
  ...REDUCTIONS_TERMS,
  ...SOFTMAX_TERMS,
  ...LAYER_NORM_TERMS,
  ...STEPWISE_TERMS,
]
