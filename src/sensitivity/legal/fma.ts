/**
 * fl(a·b + c), a single rounding to float32, of float32 numbers. The product is exact in float64; the sum may not be, and rounding it to
 * float32 again would go wrong exactly where it lies half way between two neighbours: there the sum's own error, which
 * TwoSum (Knuth; Møller) gives exactly, decides.
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b
  const sum = product + c
  const rounded = Math.fround(sum)
  const beyond = sum - rounded
  if (beyond === 0 || !Number.isFinite(rounded)) return rounded
  const other = sum + beyond
  if (Math.fround(other) !== other) return rounded
  const virtual = sum - product
  const error = product - (sum - virtual) + (c - virtual)
  if (error === 0) return rounded
  return error > 0 === other > rounded ? other : rounded
}
