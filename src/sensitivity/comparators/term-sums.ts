import { withRule, type Arithmetic } from '../../../reference/arithmetic.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { float64 } from '../../arithmetics/float64.ts'
import type { Question } from '../../cases/question.ts'
import { map } from '../tensors.ts'

/** The scale on which TOSA measures an error: Σ|terms| of the last sum, and how many roundings lie behind it. */
export interface Scale {
  readonly bound: Tensor
  /** Terms of all the sums that the output went through, one after another. */
  readonly terms: number
}

const magnitude = (x: Tensor): Tensor => map(x, Math.abs)

/**
 * Of every output that a sum of products made, possibly after additions and moves, Σ|terms| of that sum. Outputs that another function
 * made last (softmax, a selection) have none, nor have sums of logarithms: TOSA’s test is of dot products.
 */
export function termSums(question: Question): ReadonlyMap<string, Scale> {
  const base = float64()
  const bounds = new WeakMap<Tensor, Tensor>()
  /** What a logarithm made: its errors know nothing of the sums before it. */
  const logarithms = new WeakSet<Tensor>()
  let terms = 0
  const of = (x: Tensor): Tensor => bounds.get(x) ?? magnitude(x)
  const keep = (x: Tensor, bound: Tensor): Tensor => {
    bounds.set(x, bound)
    return x
  }
  const follow = (found: Tensor, ...from: readonly Tensor[]): Tensor => {
    if (from.some((x) => logarithms.has(x))) logarithms.add(found)
    return found
  }
  const count = (n: number): void => {
    terms += n
  }
  const { rules } = base
  const moved =
    <A extends readonly unknown[]>(rule: (x: Tensor, ...rest: A) => Tensor) =>
    (x: Tensor, ...rest: A): Tensor => {
      const bound = bounds.get(x)
      // a tensor of its own: a move may hand back the same one
      const found = rule(x, ...rest)
      return bound === undefined ? found : keep(tensor(found.data, found.shape), rule(bound, ...rest))
    }
  const carried: Partial<Arithmetic<FullKinds>> = {
    reshape: moved(rules.reshape),
    swapAxes: moved(rules.swapAxes),
    slice: moved(rules.slice),
    add(x, y) {
      count(1)
      const found = rules.add(x, y)
      return bounds.has(x) || bounds.has(y) ? keep(found, rules.add(of(x), of(y))) : found
    },
    subtract(x, y) {
      count(1)
      const found = follow(rules.subtract(x, y), x, y)
      return bounds.has(x) || bounds.has(y) ? keep(found, rules.add(of(x), of(y))) : found
    },
    multiply(x, y) {
      count(1)
      const found = rules.multiply(x, y)
      return bounds.has(x) && !bounds.has(y) ? keep(found, rules.multiply(of(x), of(y))) : found
    },
    weigh: (w, x) => follow(rules.weigh(w, x), x),
    scale(x, factor) {
      count(1)
      const found = follow(rules.scale(x, factor), x)
      return bounds.has(x) ? keep(found, rules.scale(of(x), Math.abs(factor))) : found
    },
    sum(x, over) {
      const found = follow(rules.sum(x, over), x)
      count(x.size / found.size)
      if (logarithms.has(x)) return found
      return keep(found, rules.sum(magnitude(x), over))
    },
    mean(x, over) {
      const found = follow(rules.mean(x, over), x)
      count(x.size / found.size + 1)
      if (logarithms.has(x)) return found
      return keep(found, rules.mean(magnitude(x), over))
    },
    matmul(x, y) {
      count(x.shape.at(-1) ?? 1)
      return keep(rules.matmul(x, y), rules.matmul(magnitude(x), magnitude(y)))
    },
    matmulTransposed(x, y) {
      count(x.shape.at(-1) ?? 1)
      return keep(rules.matmulTransposed(x, y), rules.matmulTransposed(magnitude(x), magnitude(y)))
    },
    linear(x, weight, bias) {
      count((x.shape.at(-1) ?? 1) + 1)
      const [w, b] = [magnitude(weight), bias === undefined ? undefined : magnitude(bias)]
      return keep(rules.linear(x, weight, bias), rules.linear(magnitude(x), w, b))
    },
    convolve(x, weight, bias, groups) {
      count(weight.size / weight.shape[0] + 1)
      const [w, b] = [magnitude(weight), bias === undefined ? undefined : magnitude(bias)]
      return keep(rules.convolve(x, weight, bias, groups), rules.convolve(magnitude(x), w, b, groups))
    },
    sparseMatmul(x, y) {
      count(x.values.shape.at(-1) ?? 1)
      const found = rules.sparseMatmul(x, y)
      keep(found.values, rules.matmul(magnitude(x.values), magnitude(y.values)))
      return found
    },
    sparseMatmulDense(x, y) {
      count(x.values.shape.at(-1) ?? 1)
      return keep(rules.sparseMatmulDense(x, y), rules.matmul(magnitude(x.values), magnitude(y)))
    },
    softmax(x) {
      count(x.shape.at(-1) ?? 1)
      return rules.softmax(x)
    },
    layerNorm(x, weight, bias, eps) {
      count(2 * (x.shape.at(-1) ?? 1))
      return rules.layerNorm(x, weight, bias, eps)
    },
    logSoftmax(x) {
      count(x.shape.at(-1) ?? 1)
      const found = rules.logSoftmax(x)
      logarithms.add(found)
      return found
    },
  }
  const scales = new Map<string, Scale>()
  const note = (name: string, x: Tensor): void => {
    const bound = bounds.get(x)
    if (bound !== undefined) scales.set(name, { bound, terms })
  }
  const evaluator = { ...base, rules: withRule(rules, carried) }
  const noted = evaluate(evaluator, question)
  for (const [name, exposed] of noted) {
    if (exposed.kind === 'dense') note(name, exposed.x)
    if (exposed.kind === 'sparse') note(name, exposed.x.values)
  }
  return scales
}
