import type { Evaluator } from '../../../reference/evaluator.ts'
import type { BoundedKinds } from './bounded.ts'

/** An evaluator that remembers: the same rule on the same operands (the same objects) gives the same object again. */
interface Memory {
  readonly evaluator: Evaluator<BoundedKinds>
  /** What is computed from now on is not remembered. */
  close(): void
}

/**
 * The evaluator with a memory. One question is evaluated several times, from its inputs and from each runtime's own tensors, and up to
 * the first of these all ways are one.
 */
export function remembered(evaluator: Evaluator<BoundedKinds>): Memory {
  const { rules } = evaluator
  let isOpen = true
  const remember = <A extends readonly unknown[], R>(
    operation: (...operands: A) => R,
  ): ((...operands: A) => R) => {
    const results = new Map<string, { readonly result: R }>()
    return (...operands) => {
      const key = operands.map(keyOf).join(';')
      const known = results.get(key)
      if (known !== undefined) return known.result
      const result = operation(...operands)
      if (isOpen) results.set(key, { result })
      return result
    }
  }
  const remembering: Evaluator<BoundedKinds> = {
    ...evaluator,
    dense: remember(evaluator.dense),
    mask: remember(evaluator.mask),
    rules: {
      // these run what they are given, only hand it on, or compute nothing
      shape: rules.shape,
      composite: rules.composite,
      scope: rules.scope,
      expose: rules.expose,
      exposeSparse: rules.exposeSparse,
      exposeMask: rules.exposeMask,
      reshape: remember(rules.reshape),
      swapAxes: remember(rules.swapAxes),
      concat: remember(rules.concat),
      slice: remember(rules.slice),
      windows: remember(rules.windows),
      add: remember(rules.add),
      subtract: remember(rules.subtract),
      multiply: remember(rules.multiply),
      weigh: remember(rules.weigh),
      scale: remember(rules.scale),
      exp: remember(rules.exp),
      gelu: remember(rules.gelu),
      sum: remember(rules.sum),
      mean: remember(rules.mean),
      pool: remember(rules.pool),
      matmul: remember(rules.matmul),
      matmulTransposed: remember(rules.matmulTransposed),
      linear: remember(rules.linear),
      convolve: remember(rules.convolve),
      softmax: remember(rules.softmax),
      logSoftmax: remember(rules.logSoftmax),
      layerNorm: remember(rules.layerNorm),
      compress: remember(rules.compress),
      expand: remember(rules.expand),
      threshold: remember(rules.threshold),
      thresholdMagnitude: remember(rules.thresholdMagnitude),
      sparseMatmul: remember(rules.sparseMatmul),
      topK: remember(rules.topK),
      matmulAt: remember(rules.matmulAt),
      sparseScale: remember(rules.sparseScale),
      maskedSoftmax: remember(rules.maskedSoftmax),
      select: remember(rules.select),
      sparseMatmulDense: remember(rules.sparseMatmulDense),
    },
  }
  return { evaluator: remembering, close: () => (isOpen = false) }
}

const numbers = new WeakMap<object, number>()
let last = 0

/** Values of the arithmetic and tensors by identity, lists by their elements, options by what they say. */
function keyOf(operand: unknown): string {
  if (typeof operand !== 'object' || operand === null) return String(operand)
  if ('v' in operand || 'data' in operand) {
    const known = numbers.get(operand)
    if (known !== undefined) return `#${known}`
    numbers.set(operand, ++last)
    return `#${last}`
  }
  if (Array.isArray(operand)) return `[${operand.map(keyOf).join()}]`
  return JSON.stringify(operand)
}
