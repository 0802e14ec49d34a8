import type { Deviations, Errors } from './deviations.ts'

/** Columns whose error grows with the value otherwise than that of the rest. */
export interface LaneGain {
  /** Which: `column 5`, `columns 3 of every 8`. */
  readonly lane: string
  /** The gain of these columns less that of all, relative to the value; signed. */
  readonly gain: number
  /** Its standard deviation under independent noise. */
  readonly deviation: number
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

/** Sums over the columns of a lane: of z·w, w² and w⁴, w = v/s being how many deviations a gain of 1 moves an element. */
interface Sums {
  readonly along: Float64Array
  readonly squares: Float64Array
  readonly fourths: Float64Array
  readonly counts: Float64Array
}

/**
 * The lane that stands out most: of every column alone, and of columns k of every w of a vector w wide, the gain ⟨z,w⟩/⟨w,w⟩ that fits their errors best, less that of all
 * columns, which rsqrt and the like may share by right.
 */
export function laneGain(errors: Errors, { z, index }: Deviations): LaneGain | undefined {
  const { shape, v, s } = errors
  const width = shape.at(-1) ?? 1
  if (shape.length < 2 || width < 2) return undefined
  const columns = sumsOf(width)
  let start = 0
  for (let at = 0; at < index.length; at++) {
    const i = index[at]
    // row by row, as in `linesOf`: no remainder of a division
    while (i >= start + width) start += width
    const column = i - start
    const w = v[i] / s[i]
    const square = w * w
    columns.along[column] += z[at] * w
    columns.squares[column] += square
    columns.fourths[column] += square * square
    columns.counts[column]++
  }
  const total = folded(columns, 1)
  if (!(total.squares[0] > 0) || !Number.isFinite(total.fourths[0])) return undefined
  const common = total.along[0] / total.squares[0]
  const found = [width, ...WIDTHS.filter((w) => w < width)].map((w) => ({ w, sums: folded(columns, w) }))
  const looked = found.reduce((sum, { w }) => sum + w, 0)
  let most: (Omit<LaneGain, 'gainOf'> & { readonly w: number; readonly k: number }) | undefined
  let furthest = 0
  for (const { w, sums } of found) {
    // a last vector that is not full has lanes of one column
    for (let lane = 0; lane < (w === width ? w : Math.min(w, width - w)); lane++) {
      const square = sums.squares[lane]
      // what all share is fitted to the lane too
      const rest = 1 - square / total.squares[0]
      if (sums.counts[lane] < FEWEST || !(square > 0) || !(rest > 0)) continue
      const gain = sums.along[lane] / square - common
      const deviation = Math.sqrt(rest / square)
      if (Math.abs(gain) / deviation <= furthest) continue
      furthest = Math.abs(gain) / deviation
      const name = w === width ? `column ${lane}` : `columns ${lane} of every ${w}`
      most = { lane: name, w, k: lane, gain, deviation, elements: square ** 2 / sums.fourths[lane], looked }
    }
  }
  if (most === undefined) return undefined
  const { w, k, ...gained } = most
  const gainOf = (e: Float64Array): number => {
    let [inLane, squares, all] = [0, 0, 0]
    for (const i of index) {
      const weight = v[i] / s[i]
      const along = (e[i] / s[i]) * weight
      all += along
      if ((i % width) % w !== k) continue
      inLane += along
      squares += weight * weight
    }
    return inLane / squares - all / total.squares[0]
  }
  return { ...gained, gainOf }
}

function sumsOf(lanes: number): Sums {
  const zeros = (): Float64Array => new Float64Array(lanes)
  return { along: zeros(), squares: zeros(), fourths: zeros(), counts: zeros() }
}

/** Of columns, the sums of those that are k of every w. */
function folded(columns: Sums, w: number): Sums {
  const sums = sumsOf(w)
  for (let column = 0; column < columns.counts.length; column++) {
    const lane = column % w
    sums.along[lane] += columns.along[column]
    sums.squares[lane] += columns.squares[column]
    sums.fourths[lane] += columns.fourths[column]
    sums.counts[lane] += columns.counts[column]
  }
  return sums
}
