/** The files of the bounded arithmetic that have terms of a bound, and those that import them. */
export const FILES = [
  'profile/accuracy',
  'bounded/arithmetic',
  'bounded/choice',
  'bounded/elementwise',
  'bounded/exponents',
  'bounded/flushed',
  'bounded/layer-norm',
  'bounded/moments',
  'bounded/products',
  'bounded/reductions',
  'bounded/results',
  'bounded/softmax',
  'bounded/stepwise',
  'bounded/stepwise-gelu',
  'bounded/stepwise-layer-norm',
  'bounded/stepwise-softmax',
  'bounded/storing',
] as const

/** A term of a bound: where it stands, and the same with half of it. */
export type Term = readonly [name: string, file: (typeof FILES)[number], from: string, to: string]
