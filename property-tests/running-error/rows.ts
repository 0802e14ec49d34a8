import { given, logarithm, negated, over, plus, power, root, sumOf, times, type Running } from './running.ts'

/**
 * x_i − max. Softmax is the same whatever is subtracted, so the error of the maximum itself does not matter; that the difference
 * rounds does.
 */
function shifted(row: readonly Running[]): Running[] {
  let top = row[0]
  for (const x of row) if (x.value.greaterThan(top.value)) top = x
  const furthest = Math.max(...row.map(({ error }) => error))
  return row.map((x) => {
    const { value, error } = plus(x, { value: top.value.negated(), error: 0 })
    return { value, error: error + 2 ** -53 * furthest }
  })
}

/** e^(x_i) / Σ e^(x_j). A probability is never further off than 1. */
export function softmax(row: readonly Running[]): readonly Running[] {
  const powers = shifted(row).map(power)
  const total = sumOf(powers)
  // an infinite logit makes NaN
  const isKnown = row.every(({ error }) => error < Infinity)
  return powers.map((one) => {
    const { value, error } = over(one, total)
    return { value, error: isKnown ? Math.min(error, 1) : Infinity }
  })
}

/** x_i − max − ln Σ e^(x_j − max). */
export function logSoftmax(row: readonly Running[]): readonly Running[] {
  const differences = shifted(row)
  const logSum = logarithm(sumOf(differences.map(power)))
  return differences.map((x) => plus(x, negated(logSum)))
}

/** (x_i − μ)/√(σ² + ε). */
export function normalised(row: readonly Running[], eps: number): Running[] {
  const n = given(row.length)
  const mean = over(sumOf(row), n)
  const apart = row.map((x) => plus(x, negated(mean)))
  const variance = over(sumOf(apart.map((x) => times(x, x))), n)
  const deviation = root(plus(variance, given(eps)))
  return apart.map((x) => over(x, deviation))
}
