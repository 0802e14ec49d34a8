/** The 10 % quantile of χ² of n degrees of freedom, by Wilson and Hilferty's cube root. */
export function lowChiSquare(n: number): number {
  const spread = 2 / (9 * n)
  return n * (1 - spread - 1.2816 * Math.sqrt(spread)) ** 3
}
