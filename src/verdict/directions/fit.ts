import { thresholds } from '../statistics/index.ts'

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

/** ‖d‖ below which a direction is nothing but float64's own rounding: a bias of the keys, to which a softmax is indifferent. */
const SILENT = 1e-3

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
  if (!(dd > SILENT ** 2) || !Number.isFinite(d4) || d4 === 0) return undefined
  const explained = zz === 0 ? 0 : (zd * zd) / (dd * zz)
  return { beta: zd / dd, snr: Math.sqrt(dd), elements: (dd * dd) / d4, explained, left: zz - 2 * zd + dd }
}

/** ‖d‖ from which a direction stands out of all rounding; and the share of the errors there below which it is none of them. */
const [LOUD, NOTHING] = [100, 1e-3]

/** Whether a loud direction has next to no share in the errors where it lives. */
export function isAbsent(z: Float64Array, d: Float64Array): boolean {
  let [zz, zd, dd] = [0, 0, 0]
  for (let i = 0; i < z.length; i++) {
    if (d[i] === 0) continue
    zz += z[i] * z[i]
    zd += z[i] * d[i]
    dd += d[i] * d[i]
  }
  return dd > LOUD ** 2 && zd * zd <= NOTHING * dd * zz
}

/** ‖z‖². */
export function energy(z: Float64Array): number {
  let sum = 0
  for (let i = 0; i < z.length; i++) sum += z[i] * z[i]
  return sum
}

/**
 * ⟨d,d⟩ times how far β may be off 0 because legal errors g lean along d, from all ⟨g,d⟩: Σ|⟨g,d⟩| over what one function may do at
 * once, and of several functions, which know nothing of one another, the root of the sum of squares.
 */
export function allowed(functions: readonly ArrayLike<number>[]): number {
  const most = functions.map((products) =>
    Array.from(products, Math.abs).reduce((sum, size) => sum + size, 0),
  )
  return Math.hypot(...most)
}

/**
 * What β may be off 1 besides its error, because a runtime with the bug rounds otherwise than one without it: two per cent where ten
 * elements and more agree on it; where fewer do, what one direction in a thousand meets by chance.
 */
const SLACK = { many: 0.02, few: 0.001, elements: 10 }

/** |β|/se beyond what may lean above which a direction that lives in so many elements is suspected. */
export function suspicion(elements: number): number {
  const { many, one } = thresholds.direction
  return many + (one - many) / Math.sqrt(Math.max(1, elements))
}

/** RMS of what is left that passes for rounding noise. */
export const NOISE = 1.35

/** Beyond this nobody would take β for 1, however large its error is. */
const FAR = 0.5

/** Whether β is 1 within its error, and within what may lean. */
export function isOne(beta: number, elements: number, se: number, leaning: number): boolean {
  const slack = elements >= SLACK.elements ? SLACK.many : SLACK.few
  return Math.abs(beta - 1) <= Math.min(FAR, 6 * se + leaning + slack)
}
