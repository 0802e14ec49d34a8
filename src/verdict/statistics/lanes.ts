import type { Deviations, Errors } from './deviations.ts'

/** Columns whose error grows with the value otherwise than that of the rest. */
export interface LaneGain {
  /** Which: `column 5`, `columns 3 of every 8`. */
  readonly lane: string
  /** The gain of these columns less that of all, relative to the value; signed. */
  readonly gain: number
  /** Its standard deviation under independent noise. */
  readonly deviation: number
  /**
   * The gain that errors of at most one of v may have there, if they go along with v as badly as they can: 1, and more
   * in a column far from 0.
   */
  readonly leverage: number
  /** In how many elements the columns' own slope lives. */
  readonly elements: number
  /** How many lanes were looked at. */
  readonly looked: number
  /** The gain that other errors of the whole tensor have there. */
  readonly gainOf: (e: Float64Array) => number
}

/** Widths of vectors, the last axis cut into which gives lanes. */
const WIDTHS = [2, 4, 8, 16, 32, 64]
/** Elements of a lane before a line through them says more than one of them does. */
const FEWEST = 8
/** Deviations of noise that a column's values must spread over: values nearer to one another are rounded alike, or to one number. */
const SPREAD = 1024

/** Sums over the columns of a lane: of z·w, |v/s·w|, w² and w⁴, w being how many deviations a gain of 1 moves an element. */
interface Sums {
  readonly along: Float64Array
  readonly sizes: Float64Array
  readonly squares: Float64Array
  readonly fourths: Float64Array
  readonly counts: Float64Array
}

/** A gain before anybody says how much of it is suspected. */
type Measured = Omit<LaneGain, 'gainOf'>

/**
 * The lane whose gain is the largest share of its limit: of every column alone, and of columns k of every w of a vector
 * w wide. A gain is ⟨z,w⟩/⟨w,w⟩ with w = (v − v̄)/s, which fits the lane's errors best, less that of all columns, which
 * rsqrt and the like may share by right. v̄ is the column's mean: what is off by the same everywhere in a column is no
 * gain. An rsqrt is off by a share of v less the norm's bias, whatever v is, and rows that are nearly alike are rounded
 * alike. Few rows have no mean of their own.
 * @param limitOf the gain above which such a lane is suspected
 */
export function laneGain(
  errors: Errors,
  deviations: Deviations,
  limitOf: (lane: Measured) => number,
): LaneGain | undefined {
  const { shape, s } = errors
  const { index } = deviations
  const width = shape.at(-1) ?? 1
  if (shape.length < 2 || width < 2) return undefined
  const widths = [width, ...WIDTHS.filter((w) => w < width)]
  const looked = widths.reduce((sum, w) => sum + w, 0)
  const means = meansOf(errors, index, width)
  const columns = sumsAlong(means, errors, deviations)
  const total = folded(columns, 1)
  if (!(total.squares[0] > 0) || !Number.isFinite(total.fourths[0])) return undefined
  const common = total.along[0] / total.squares[0]
  let most: (Measured & { readonly w: number; readonly k: number }) | undefined
  let furthest = 0
  for (const w of widths) {
    const sums = folded(columns, w)
    // a last vector that is not full has lanes of one column
    for (let lane = 0; lane < (w === width ? w : Math.min(w, width - w)); lane++) {
      const square = sums.squares[lane]
      // what all share is fitted to the lane too
      const rest = 1 - square / total.squares[0]
      if (sums.counts[lane] < FEWEST || !(square > 0) || !(rest > 0)) continue
      const measured: Measured = {
        lane: w === width ? `column ${lane}` : `columns ${lane} of every ${w}`,
        gain: sums.along[lane] / square - common,
        deviation: Math.sqrt(rest / square),
        leverage: sums.sizes[lane] / square,
        elements: square ** 2 / sums.fourths[lane],
        looked,
      }
      const share = Math.abs(measured.gain) / limitOf(measured)
      if (!(share > furthest)) continue
      furthest = share
      most = { ...measured, w, k: lane }
    }
  }
  if (most === undefined) return undefined
  const { w, k, ...gained } = most
  return {
    ...gained,
    gainOf(e) {
      const its = sumsAlong(means, errors, { index, z: Float64Array.from(index, (i) => e[i] / s[i]) })
      return (
        folded(its, w).along[k] / folded(columns, w).squares[k] - folded(its, 1).along[0] / total.squares[0]
      )
    },
  }
}

/** The mean of v of each column, elements counting as sure as their errors are; 0 of few. */
function meansOf({ v, s }: Errors, index: Int32Array, width: number): Float64Array {
  const [sums, weights] = [new Float64Array(width), new Float64Array(width)]
  const counts = new Int32Array(width)
  let start = 0
  for (let at = 0; at < index.length; at++) {
    const i = index[at]
    // row by row, as in `linesOf`: no remainder of a division
    while (i >= start + width) start += width
    const column = i - start
    const weight = 1 / s[i] / s[i]
    sums[column] += weight * v[i]
    weights[column] += weight
    counts[column]++
  }
  return sums.map((sum, column) => (counts[column] < FEWEST ? 0 : sum / weights[column]))
}

/** Sums over each column; of a column whose values are too near to one another nothing. */
function sumsAlong(
  means: Float64Array,
  { shape, v, s }: Errors,
  { z, index }: Pick<Deviations, 'z' | 'index'>,
): Sums {
  const width = shape.at(-1) ?? 1
  const sums = noSums(width)
  let start = 0
  for (let at = 0; at < index.length; at++) {
    const i = index[at]
    while (i >= start + width) start += width
    const column = i - start
    const w = (v[i] - means[column]) / s[i]
    const square = w * w
    sums.along[column] += z[at] * w
    sums.sizes[column] += Math.abs((v[i] / s[i]) * w)
    sums.squares[column] += square
    sums.fourths[column] += square * square
    sums.counts[column]++
  }
  for (let column = 0; column < width; column++) {
    if (sums.squares[column] >= SPREAD ** 2 * sums.counts[column]) continue
    for (const each of [sums.along, sums.sizes, sums.squares, sums.fourths, sums.counts]) each[column] = 0
  }
  return sums
}

function noSums(lanes: number): Sums {
  const zeros = (): Float64Array => new Float64Array(lanes)
  return { along: zeros(), sizes: zeros(), squares: zeros(), fourths: zeros(), counts: zeros() }
}

/** Of columns, the sums of those that are k of every w. */
function folded(columns: Sums, w: number): Sums {
  const sums = noSums(w)
  for (let column = 0; column < columns.counts.length; column++) {
    const lane = column % w
    sums.along[lane] += columns.along[column]
    sums.sizes[lane] += columns.sizes[column]
    sums.squares[lane] += columns.squares[column]
    sums.fourths[lane] += columns.fourths[column]
    sums.counts[lane] += columns.counts[column]
  }
  return sums
}
