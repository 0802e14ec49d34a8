/** u, the unit roundoff of float32 (round to nearest). */
export const UNIT: number = 2 ** -24
/** c = u/2, about the standard deviation of one rounding's relative error. */
export const ROUNDING: number = UNIT / 2
/** Standard deviation of a division's relative error: anything up to 2.5 ULP, which are 3.6u on average over mantissas. */
export const DIVISION: number = 2.1 * UNIT
/** The smallest normal float32: what a flushed subnormal may be off by. */
export const FLUSH: number = 2 ** -126
