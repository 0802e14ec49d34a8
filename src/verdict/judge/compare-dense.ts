import type { Tensor } from '../../../reference/tensor.ts'
import { placeOf } from '../../cases/read-case.ts'
import type { Comparison, Verdict, Worst } from '../judgement.ts'
import { hexOf, ulpDistance } from '../ulp.ts'
import { GROSS_DEVIATIONS } from '../noise/choice.ts'
import type { Noisy } from '../noise/noise.ts'
import { LARGEST, SMALLEST_NORMAL } from '../profile/accuracy.ts'

/**
 * Thresholds on z = (found − truth)/s. Measured, not derived: on 5,790 runs of 24 legal float32 runtimes the largest
 * |z| was 10.1 and the largest RMS 1.07; above 30, or RMS above 3, no legal run was ever seen.
 */
const SUSPECT_DEVIATIONS = 14
const GROSS_RMS = 3
/** Below this many elements, of which many share a row, one draw of the noise decides the RMS. */
const ELEMENTS_FOR_RMS = 256

/**
 * Holds a runtime's tensor against float64 truth in units of legal noise.
 * @param judged entries whose byte is 0 are passed over
 */
export function compareDense(truth: Noisy, found: Tensor, judged?: Uint8Array): Comparison {
  let [squares, elements, worst, worstZ] = [0, 0, -1, -1]
  for (let i = 0; i < found.size; i++) {
    if (judged !== undefined && judged[i] === 0) continue
    // where the equation overflows float32, or may on the way, or where a choice that noise may turn decides, nobody can
    // say what a runtime should hold
    if (!(Math.abs(truth.v.data[i]) <= LARGEST && truth.s2.data[i] < Infinity)) continue
    const z = deviation(found.data[i] - truth.v.data[i], truth.s2.data[i])
    elements++
    squares += z * z
    if (z > worstZ) [worst, worstZ] = [i, z]
  }
  if (elements === 0) return nothingJudged(judged)
  const rms = Math.sqrt(squares / elements)
  const [verdict, reason] = decide(worstZ, rms, elements)
  return {
    verdict,
    ...(reason === undefined ? {} : { reason }),
    elements,
    rms: Number.isFinite(rms) ? rms : null,
    worst: describe(truth.v, found, worst, worstZ),
  }
}

export const UNCERTAIN =
  'every element is beyond float32, or may get there on the way, or hangs on a choice that rounding may turn'

/** Where a mask keeps nothing, anything is right; else no element is certain. */
function nothingJudged(judged: Uint8Array | undefined): Comparison {
  if (judged?.every((byte) => byte === 0) === true) return { verdict: 'pass', elements: 0, rms: null }
  return {
    verdict: 'not-judged',
    reason: UNCERTAIN,
    elements: 0,
    rms: null,
  }
}

function deviation(error: number, variance: number): number {
  if (Number.isNaN(error)) return Infinity
  const beyond = Math.abs(error) - SMALLEST_NORMAL
  if (beyond <= 0) return 0
  return variance === 0 ? Infinity : beyond / Math.sqrt(variance)
}

function decide(z: number, rms: number, elements: number): readonly [Verdict, string?] {
  if (z === Infinity) return ['fail', 'not finite, or off where no rounding can happen']
  if (z > GROSS_DEVIATIONS) return ['fail', `${z.toPrecision(3)} standard deviations of rounding noise off`]
  if (elements >= ELEMENTS_FOR_RMS && rms > GROSS_RMS) {
    return ['fail', `RMS error ${rms.toPrecision(3)} standard deviations of rounding noise`]
  }
  if (z > SUSPECT_DEVIATIONS)
    return ['suspect', `${z.toPrecision(3)} standard deviations of rounding noise off`]
  return ['pass']
}

function describe(truth: Tensor, found: Tensor, index: number, z: number): Worst {
  const [expected, value] = [truth.data[index], found.data[index]]
  return {
    coordinates: placeOf(index, found.shape),
    expected,
    found: value,
    expectedHex: hexOf(expected),
    foundHex: hexOf(value),
    ulp: ulpDistance(expected, value),
    deviations: Number.isFinite(z) ? z : null,
  }
}
