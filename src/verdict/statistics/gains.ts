import { lowChiSquare } from './chi-square.ts'
import { rms, type Deviations, type Errors, type Shared } from './deviations.ts'
import { laneGain, type LaneGain } from './lanes.ts'
import { largestOf, statistic, UNIT, type Statistic } from './statistic.ts'
import { errorsOf, thresholds } from './thresholds.ts'

/** What elements share where nobody asks. */
export const NOTHING: Shared = { noise: [], curves: [] }

type LaneSize = Pick<LaneGain, 'elements' | 'looked' | 'leverage'>

/**
 * |Σ e·v/Σ v²|, in u: errors that grow with the value, a gain. The noise of the slope itself, √(Σ v²s²)/Σ v², is allowed for 4.5
 * times over, which is nothing in large tensors, and eight times where one element decides it: that is a test of one z. So is
 * `coherent`, which is proportional to v by right. Where that would suspect, the noise of the slope is also what `draws` have: after a GELU, a product
 * over few channels passes on one curve of erf to all elements alike; and how far such a curve goes is allowed besides.
 */
export function slope(
  { v, s, coherent = 0, shared }: Errors,
  { z, index, different }: Deviations,
): Statistic | undefined {
  // by the largest |v|, so that no power of two makes the squares overflow or vanish
  const scale = largestAt(v, index)
  if (scale === 0) return undefined
  const { product, squares, noise, fourth } = sumsAlong(v, z, s, index, scale)
  const repeated = index.length / different
  const elements = (fourth === 0 ? 1 : noise ** 2 / fourth) / repeated
  const value = Math.abs(product / squares) / UNIT
  const above = (deviation: number): number =>
    thresholds.slope * (1 + coherent / UNIT) + (errorsOf(elements) * deviation) / squares / UNIT
  const apart = Math.sqrt(noise * repeated)
  const limit = above(apart)
  const along = (e: Float64Array): number =>
    index.reduce((sum, i) => sum + (v[i] / scale) * (e[i] / scale), 0)
  const { noise: draws, curves } = value > limit && shared !== undefined ? shared() : NOTHING
  const together = Math.max(apart, deviationOf(draws.map(along)))
  const limitTogether = above(together) + largestOf(curves.map(along)) / squares / UNIT
  return statistic(
    'slope',
    value,
    // what overflows says nothing
    limitTogether < Infinity ? limitTogether : limit,
    (found, most) => `errors grow with the value, by ${found} u of it (${most} u is suspect)`,
  )
}

/** Σ ve, Σ v², and of the first its noise Σ v²s² and Σ v⁴s⁴, of the elements at `index`, all by `scale`. */
function sumsAlong(
  v: Float64Array,
  z: Float64Array,
  s: Float64Array,
  index: Int32Array,
  scale: number,
): { readonly product: number; readonly squares: number; readonly noise: number; readonly fourth: number } {
  let product = 0
  let squares = 0
  let noise = 0
  let fourth = 0
  for (let at = 0; at < index.length; at++) {
    const i = index[at]
    const x = v[i] / scale
    const y = (z[at] * s[i]) / scale
    product += x * y
    squares += x * x
    const variance = (x * (s[i] / scale)) ** 2
    noise += variance
    fourth += variance * variance
  }
  return { product, squares, noise, fourth }
}

/**
 * The gain of a lane, columns k of every w or one column, less that of all, in u. Its own noise is allowed for as a
 * slope's is, and the more, the more lanes there are to choose from. What all elements share by right is not in it but
 * for what a lane has of it otherwise than the rest: where that would suspect, the same lane's gain in `shared` draws,
 * and along curves of erf, is allowed besides.
 */
export function lane(errors: Errors, deviations: Deviations): Statistic | undefined {
  // a column of a GELU's may lie on one stretch of erf's curve, which goes as it likes there; one of a softmax where its exp errs as nowhere else
  if (errors.kind !== undefined) return undefined
  const { index, different } = deviations
  const { coherent = 0, shared } = errors
  const repeated = index.length / different
  /** In u, of a lane whose gain has that deviation. */
  const above = ({ elements, looked, leverage }: LaneSize, deviation: number): number =>
    thresholds.slope * (1 + coherent / UNIT) * leverage +
    ((errorsOf(elements / repeated) + thresholds.lanes * Math.log2(looked)) * deviation) / UNIT
  const apartIn = ({ deviation }: { readonly deviation: number }): number => deviation * Math.sqrt(repeated)
  const found = laneGain(errors, deviations, (each) => above(each, apartIn(each)))
  if (found === undefined) return undefined
  const [value, limit] = [Math.abs(found.gain) / UNIT, above(found, apartIn(found))]
  const { noise: draws, curves } = value > limit && shared !== undefined ? shared() : NOTHING
  const together = Math.max(apartIn(found), deviationOf(draws.map(found.gainOf)))
  const limitTogether = above(found, together) + largestOf(curves.map(found.gainOf)) / UNIT
  return statistic(
    'lane',
    value,
    limitTogether < Infinity ? limitTogether : limit,
    (gain, most) =>
      `${found.lane}: errors grow with the value, by ${gain} u of it more than elsewhere (${most} u is suspect)`,
  )
}

/** The standard deviation of what was drawn, with an upper 90 % confidence limit for so few draws; 0 of none. */
function deviationOf(drawn: readonly number[]): number {
  return drawn.length === 0 ? 0 : rms(drawn) * Math.sqrt(drawn.length / lowChiSquare(drawn.length))
}

function largestAt(values: Float64Array, index: Int32Array): number {
  let most = 0
  for (let at = 0; at < index.length; at++) most = Math.max(most, Math.abs(values[index[at]]))
  return most
}
