import type { Tensor } from '../../../reference/tensor.ts'
import { placeOf } from '../../cases/read-case.ts'
import type { Bounded } from '../bounded/bounded.ts'
import type { Comparison, Verdict, Worst } from '../judgement.ts'
import { LARGEST, SMALLEST_NORMAL } from '../profile/accuracy.ts'
import { statisticsOf, type Shared, type Statistic } from '../statistics/index.ts'
import { hexOf, ulpDistance } from '../ulp.ts'

/** A bound is evaluated in float64 and to first order in places; beyond this share of it an error is proved. */
export const PROVED_SHARE = 1.001

/**
 * What may raise a suspicion. Thresholds are measured on runtimes that round float32 to nearest: `all` of them there. Narrow
 * formats share the rounding of a weight over a column, so that only single elements, `largest`, say something; where sums may be
 * rounded to either neighbour, errors may lean one way by right, and there is `none`: proofs alone.
 */
export type Suspicions = 'all' | 'largest' | 'none'

/**
 * Holds a runtime's tensor against truth: a proof where an error exceeds its bound, a suspicion where errors are not what noise is.
 * @param judged entries whose byte is 0 are passed over
 * @param shared what elements of this tensor share, for where a suspicion hangs on it
 */
export function compareDense(
  truth: Bounded,
  found: Tensor,
  judged?: Uint8Array,
  suspicions: Suspicions = 'all',
  shared?: () => Shared,
): Comparison {
  let provable = 0
  let unprovable = 0
  let elements = 0
  let furthest = -1
  let share = -1
  let strangest = -1
  let deviations = -1
  const [v, b, s2, x] = [truth.v.data, truth.b.data, truth.s2.data, found.data]
  const e = new Float64Array(found.size)
  const s = new Float64Array(found.size).fill(Infinity)
  for (let i = 0; i < found.size; i++) {
    const value = v[i]
    const bound = b[i]
    const variance = s2[i]
    if (judged?.[i] === 0 || !(Math.abs(value) <= LARGEST)) continue
    const bounded = bound < Infinity
    const noisy = variance < Infinity
    if (!bounded && !noisy) continue
    const error = x[i] - value
    const ofBound = shareOf(error, value, bound)
    if (bounded) provable++
    if (ofBound > share) {
      furthest = i
      share = ofBound
    }
    if (!noisy) continue
    elements++
    if (!bounded) unprovable++
    const deviation = Math.sqrt(variance)
    const z = deviationsOf(error, deviation)
    if (z > deviations) {
      strangest = i
      deviations = z
    }
    e[i] = Number.isFinite(error) ? error : NaN
    s[i] = deviation
  }
  if (provable + elements === 0) return nothingJudged(judged)
  const formed = statisticsOf({
    shape: found.shape,
    e,
    s,
    v: truth.v.data instanceof Float64Array ? truth.v.data : Float64Array.from(truth.v.data),
    ...truth.traits,
    // of what is proved, nobody asks what it may share
    ...(shared === undefined || suspicions !== 'all' || share > PROVED_SHARE ? {} : { shared }),
  })
  const statistics = formed.filter(
    ({ name }) => suspicions === 'all' || (suspicions === 'largest' && name === 'largest'),
  )
  const isFinite = furthest < 0 || Number.isFinite(x[furthest])
  const [verdict, reason] = decide(share, statistics, suspicions === 'none' ? provable : elements, isFinite)
  const shown = verdict === 'fail' || strangest === -1 ? furthest : strangest
  return {
    verdict,
    ...(reason === undefined ? {} : { reason }),
    elements,
    unprovable,
    share: finite(Math.max(0, share)),
    rms: finite(formed.find(({ name }) => name === 'rms')?.value ?? (elements === 0 ? NaN : 0)),
    statistics,
    worst: describe(truth, found, shown),
  }
}

/** Why nothing of a tensor could be judged. */
export const UNCERTAIN =
  'every element is beyond float32, or may get there on the way, or hangs on a choice that rounding may turn'

/** Where a mask keeps nothing, anything is right; else no element is certain. */
function nothingJudged(judged: Uint8Array | undefined): Comparison {
  const none = { elements: 0, unprovable: 0, share: null, rms: null, statistics: [] }
  if (judged?.every((byte) => byte === 0) === true) return { verdict: 'pass', ...none }
  return { verdict: 'not-judged', reason: UNCERTAIN, ...none }
}

/** An error as a share of its bound. */
function shareOf(error: number, value: number, bound: number): number {
  if (!Number.isFinite(error)) return bound < Infinity ? Infinity : 0
  // a subnormal that was only moved may have been flushed on the way
  const flushed = Math.abs(value) < SMALLEST_NORMAL ? Math.abs(value) : 0
  const beyond = Math.max(0, Math.abs(error) - flushed)
  return beyond === 0 || bound === Infinity ? 0 : beyond / bound
}

/** An error in deviations of noise. */
function deviationsOf(error: number, deviation: number): number {
  if (!Number.isFinite(error)) return Infinity
  const noticeable = Math.max(0, Math.abs(error) - SMALLEST_NORMAL)
  return noticeable === 0 ? 0 : noticeable / deviation
}

function decide(
  share: number,
  statistics: readonly Statistic[],
  elements: number,
  isFinite: boolean,
): readonly [Verdict, string?] {
  if (share === Infinity) return ['fail', isFinite ? 'off where nothing is rounded' : 'not finite']
  if (share > PROVED_SHARE) {
    return ['fail', `${share.toPrecision(3)} times as far off as any legal runtime can be`]
  }
  const strange = statistics.filter(({ verdict }) => verdict === 'suspect')
  if (strange.length > 0) {
    const gross = strange.some((statistic) => statistic.gross) ? 'gross: ' : ''
    return ['suspect', gross + strange.map(({ sentence }) => sentence).join('; ')]
  }
  // inside bounds that span both sides of an open choice: no proof, and nothing more can be said
  return elements === 0 ? ['not-judged', UNCERTAIN] : ['pass']
}

function describe({ v, b, s2 }: Bounded, found: Tensor, index: number): Worst {
  const [expected, value] = [v.data[index], found.data[index]]
  const ulp = ulpDistance(expected, value)
  return {
    coordinates: placeOf(index, found.shape),
    expected,
    found: value,
    expectedHex: hexOf(expected),
    foundHex: hexOf(value),
    ulp: finite(ulp),
    bound: finite(b.data[index]),
    deviations: finite(deviationsOf(value - expected, Math.sqrt(s2.data[index]))),
  }
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null
}
