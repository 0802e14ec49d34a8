/** How far the errors z go along a direction d: β = ⟨z,d⟩/⟨d,d⟩. */
export interface Fit {
  readonly beta: number
  /** ‖d‖, the signal-to-noise ratio: at 6 and less nothing can see the bug from this exposure. */
  readonly snr: number
  /** (Σd²)²/Σd⁴: in how many elements the direction lives. */
  readonly elements: number
  /** Share of ‖z‖² that βd explains. */
  readonly explained: number
  /** ‖z − d‖²: what is left when the bug is taken as it is. */
  readonly left: number
}

/** Fits z by a multiple of d; undefined where d is nothing. */
export function fit(z: Float64Array, d: Float64Array): Fit | undefined {
  let [zz, zd, dd, d4] = [0, 0, 0, 0]
  for (let i = 0; i < z.length; i++) {
    const square = d[i] * d[i]
    zz += z[i] * z[i]
    zd += z[i] * d[i]
    dd += square
    d4 += square * square
  }
  if (!(dd > 0) || !Number.isFinite(d4) || d4 === 0) return undefined
  const explained = zz === 0 ? 0 : (zd * zd) / (dd * zz)
  return { beta: zd / dd, snr: Math.sqrt(dd), elements: (dd * dd) / d4, explained, left: zz - 2 * zd + dd }
}

/** ‖z‖². */
export function energy(z: Float64Array): number {
  return z.reduce((sum, value) => sum + value * value, 0)
}

/**
 * The standard error of β for a runtime that only rounds: from its β on draws of legal noise, with an upper 90 % confidence
 * limit for so few draws, and never below 1/‖d‖, that of independent noise of variance 1.
 */
export function standardError(d: Float64Array, draws: readonly Float64Array[], snr: number): number {
  const squares = draws.map((zeta) => {
    let zd = 0
    for (let i = 0; i < d.length; i++) zd += zeta[i] * d[i]
    return (zd / (snr * snr)) ** 2
  })
  const sum = squares.reduce((total, square) => total + square, 0)
  return draws.length === 0 ? Infinity : Math.max(1 / snr, Math.sqrt(sum / lowChiSquare(draws.length)))
}

/** The 10 % quantile of χ² of n degrees of freedom, by Wilson and Hilferty's cube root. */
function lowChiSquare(n: number): number {
  const spread = 2 / (9 * n)
  return n * (1 - spread - 1.2816 * Math.sqrt(spread)) ** 3
}

/**
 * |β|/se above which a direction is suspected: 6 for one that lives in many elements, as measured on legal runs; up to 14 for
 * one that lives in a single element, which is a test of one z, whose threshold is 14.
 */
export function suspicion(elements: number): number {
  return 6 + 8 / Math.sqrt(Math.max(1, elements))
}
