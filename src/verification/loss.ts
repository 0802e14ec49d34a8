import type { MaskArray, Value } from '../../reference/evaluator.ts'
import type { Tensor } from '../../reference/tensor.ts'
import { ulpAt } from '../arithmetics/simulated/formats.ts'
import { worstOf, type Comparison, type OutputJudgement, type Verdict } from '../verdict/judgement.ts'

/** What a design loses at one output, over some cases. */
export interface OutputLoss {
  readonly name: string
  readonly cases: number
  readonly elements: number
  /**
   * The largest error and the RMS error against float64, in float32 ULP of each case's RMS value: a small element's own ULP would
   * say little. Null for masks, and where something is not finite that should be.
   */
  readonly maxUlp: number | null
  readonly rmsUlp: number | null
  /** The same in standard deviations of legal float32 noise, as the judge has them; null where it has none. */
  readonly maxDeviations: number | null
  readonly rmsDeviations: number | null
  /** The largest error as a share of the judge's bound, above 1 a proof; null where it has none. */
  readonly share: number | null
  /** Entries of a mask that differ from truth's, and how many of those rounding could explain. */
  readonly flips?: { readonly total: number; readonly legal: number }
  /** The worst of its cases', and how many cases have which. */
  readonly verdict: Verdict
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>
  readonly reason?: string
}

/** One output of one case: what was found, what is true, and what the judge says. */
export interface JudgedOutput {
  readonly truth: Value
  readonly found: Value
  readonly judgement: OutputJudgement
}

/** Sums up what the cases lost at one output. */
export function outputLoss(name: string, cases: readonly JudgedOutput[]): OutputLoss {
  const errors = cases.map(errorOf).filter((error) => error !== undefined)
  const comparisons = cases.map(({ judgement }) => judgement.fromInputs ?? judgement.fromUpstream)
  const elements = cases.reduce((sum, { truth }) => sum + sizeOf(truth), 0)
  const squares = errors.reduce((sum, { rms, count }) => sum + rms * rms * count, 0)
  const counted = errors.reduce((sum, { count }) => sum + count, 0)
  const verdict = worstOf(cases.map(({ judgement }) => judgement.verdict))
  const verdicts: Partial<Record<Verdict, number>> = {}
  for (const { judgement } of cases) verdicts[judgement.verdict] = (verdicts[judgement.verdict] ?? 0) + 1
  const worst = cases
    .filter(({ judgement }) => judgement.verdict === verdict)
    .toSorted((a, b) => (shareOf(b) ?? 0) - (shareOf(a) ?? 0))
  const reason = worst[0]?.judgement.reason
  const flips = flipsOf(comparisons)
  return {
    name,
    cases: cases.length,
    elements,
    maxUlp: errors.length === 0 ? null : finite(Math.max(...errors.map(({ max }) => max))),
    rmsUlp: errors.length === 0 ? null : finite(Math.sqrt(squares / counted)),
    maxDeviations: largest(comparisons.map((comparison) => comparison?.worst?.deviations)),
    rmsDeviations: pooledRms(comparisons),
    share: largest(cases.map(shareOf)),
    ...(flips === undefined ? {} : { flips }),
    verdict,
    verdicts,
    ...(reason === undefined ? {} : { reason }),
  }
}

/** From the inputs or from its own upstream, whichever is more. */
function shareOf({ judgement: { fromInputs, fromUpstream } }: JudgedOutput): number | null {
  return largest([fromInputs?.share, fromUpstream?.share])
}

interface UlpError {
  readonly max: number
  readonly rms: number
  readonly count: number
}

function errorOf({ truth, found }: JudgedOutput): UlpError | undefined {
  if (truth.kind !== 'dense' || found.kind !== 'dense') return undefined
  const count = truth.tensor.size
  const ulp = ulpAt(rmsOf(truth.tensor))
  let [max, squares] = [0, 0]
  for (let i = 0; i < count; i++) {
    const error = Math.abs(found.tensor.data[i] - truth.tensor.data[i]) / ulp
    max = Math.max(max, Number.isNaN(error) ? Infinity : error)
    squares += error * error
  }
  return { max, rms: Math.sqrt(squares / count), count }
}

/** ‖found − truth‖/‖truth‖ of a tensor, 0 where both are zero; of a mask the share of entries that differ. */
export function relativeChange(found: Value, truth: Value): number {
  if (truth.kind === 'mask' && found.kind === 'mask') return differingShare(found.mask, truth.mask)
  if (truth.kind === 'mask' || found.kind === 'mask') throw new TypeError('a mask against a tensor')
  let squares = 0
  for (let i = 0; i < truth.tensor.size; i++) squares += (found.tensor.data[i] - truth.tensor.data[i]) ** 2
  return squares === 0 ? 0 : Math.sqrt(squares / truth.tensor.size) / rmsOf(truth.tensor)
}

function differingShare(found: MaskArray, truth: MaskArray): number {
  return found.data.filter((entry, i) => entry !== truth.data[i]).length / Math.max(1, truth.data.length)
}

function rmsOf({ data }: Tensor): number {
  let squares = 0
  for (const x of data) squares += x * x
  return Math.sqrt(squares / Math.max(1, data.length))
}

function flipsOf(
  comparisons: readonly (Comparison | undefined)[],
): { total: number; legal: number } | undefined {
  const flips = comparisons.flatMap((comparison) => comparison?.flips ?? [])
  if (flips.length === 0) return undefined
  return {
    total: flips.reduce((sum, { total }) => sum + total, 0),
    legal: flips.reduce((sum, { legal }) => sum + legal, 0),
  }
}

function pooledRms(comparisons: readonly (Comparison | undefined)[]): number | null {
  let [squares, elements] = [0, 0]
  for (const comparison of comparisons) {
    if (comparison === undefined || comparison.rms === null) continue
    squares += comparison.rms ** 2 * comparison.elements
    elements += comparison.elements
  }
  return elements === 0 ? null : Math.sqrt(squares / elements)
}

function largest(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => typeof value === 'number')
  return known.length === 0 ? null : Math.max(...known)
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null
}

function sizeOf(value: Value): number {
  return value.kind === 'dense' ? value.tensor.size : value.mask.data.length
}
