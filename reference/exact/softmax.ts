import { sum, type Ball } from './numbers/ball.ts'
import { exp, log1p } from './numbers/functions.ts'

/**
 * softmax(x)ⱼ = e^(xⱼ) / Σᵢ e^(xᵢ), numerator and denominator divided by e^(x_top), x_top the largest: that one's
 * power is 1 without any rounding, so that a softmax over a single entry is exactly 1.
 */
export function softmax(x: readonly Ball[]): Ball[] {
  const top = largest(x)
  const powers = x.map((xj, j) => (j === top ? xj.constant(1) : exp(xj.minus(x[top]))))
  const total = sum(powers.length, (i) => powers[i])
  return powers.map((power) => power.dividedBy(total))
}

/**
 * log softmax(x)ⱼ = xⱼ − x_top − ln(1 + Σ_{i ≠ top} e^(xᵢ − x_top)), which keeps the digits of a probability next to 1.
 */
export function logSoftmax(x: readonly Ball[]): Ball[] {
  const top = largest(x)
  const others = x.filter((_, i) => i !== top).map((xi) => exp(xi.minus(x[top])))
  const zero = x[top].constant(0)
  const tail = others.length === 0 ? zero : log1p(sum(others.length, (i) => others[i]))
  return x.map((xj, j) => (j === top ? zero : xj.minus(x[top])).minus(tail))
}

/** Any entry would do to divide by; the largest keeps powers at most 1. */
function largest(x: readonly Ball[]): number {
  let top = 0
  for (let i = 1; i < x.length; i++) if (x[i].value.greaterThan(x[top].value)) top = i
  return top
}
