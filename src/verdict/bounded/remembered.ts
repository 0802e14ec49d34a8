import type { Evaluator } from '../../../reference/evaluator.ts'
import type { BoundedKinds } from './bounded.ts'

type Operation = (...operands: readonly unknown[]) => unknown

/**
 * The evaluator with what it computed remembered: the same rule on the same operands (the same objects) gives the same object again.
 * One question is evaluated twice, from its inputs and from the runtime's own tensors, and up to the first of these both ways
 * are one.
 */
export function remembered(evaluator: Evaluator<BoundedKinds>): Evaluator<BoundedKinds> {
  const rules = Object.fromEntries(
    Object.entries(evaluator.rules).map(([name, rule]) =>
      // these run what they are given, or only hand it on
      name === 'scope' || name.startsWith('expose') ? [name, rule] : [name, remember(rule as Operation)],
    ),
  )
  return {
    ...evaluator,
    rules: rules as unknown as typeof evaluator.rules,
    dense: remember(evaluator.dense as Operation) as typeof evaluator.dense,
    mask: remember(evaluator.mask as Operation) as typeof evaluator.mask,
  }
}

function remember(operation: Operation): Operation {
  const results = new Map<string, unknown>()
  return (...operands) => {
    const key = operands.map(keyOf).join(';')
    if (!results.has(key)) results.set(key, operation(...operands))
    return results.get(key)
  }
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
