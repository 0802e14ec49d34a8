import type { Comparison, Judgement } from '../verdict/judgement.ts'
import { PROVED_SHARE } from '../verdict/judge/compare-dense.ts'
import type { Results } from './results.ts'

/** What a statistic of an honest run came to, what it would have been suspected above, and where that was. */
export interface Near {
  readonly value: number
  readonly threshold: number
  /** `S_hat`; of a run that is kept `500003 online-4 S_hat`. */
  readonly where: string
}

/** By statistic, the value that is the largest share of its threshold. */
export type Nearness = Readonly<Record<string, Near>>

/** A {@link Near} of all statistics that judgements of one answer held against a threshold. */
export function nearnessOf(judgements: readonly Judgement[]): Nearness {
  return nearest(
    judgements.flatMap(({ outputs, blame }) => [
      ...outputs.flatMap(({ name, fromInputs, fromUpstream }) => [
        of(fromInputs, name),
        of(fromUpstream, `${name} on its own upstream`),
      ]),
      blame?.nearest === undefined
        ? {}
        : {
            direction: {
              value: blame.nearest.value,
              threshold: blame.nearest.threshold,
              where: blame.nearest.id,
            },
          },
    ]),
  )
}

function of(comparison: Comparison | undefined, where: string): Nearness {
  if (comparison === undefined) return {}
  const { statistics, share } = comparison
  const found = statistics.map(({ name, value, threshold }) => [name, { value, threshold, where }] as const)
  const proof = share === null ? {} : { share: { value: share, threshold: PROVED_SHARE, where } }
  return { ...Object.fromEntries(found), ...proof }
}

/** Of each statistic the largest share. */
export function nearest(all: readonly Nearness[]): Nearness {
  const found: Record<string, Near> = {}
  for (const [name, near] of all.flatMap((each) => Object.entries(each))) {
    if (near.value > 0 && !(shareOf(near) <= shareOf(found[name]))) found[name] = near
  }
  return found
}

function shareOf(near: Near | undefined): number {
  return near === undefined ? -1 : near.value / near.threshold
}

/** As stored, with four digits. */
export function nearIn(run: string, near: Nearness): Nearness {
  const digits = (x: number): number => Number(x.toPrecision(4))
  return Object.fromEntries(
    Object.entries(near).map(([name, { value, threshold, where }]) => [
      name,
      { value: digits(value), threshold: digits(threshold), where: `${run} ${where}` },
    ]),
  )
}

/** The statistics, in the order of `docs/verdict.md`, and what they are called there. */
const NAMES: Readonly<Record<string, string>> = {
  share: 'error as a share of its bound, a proof',
  largest: 'largest abs(z)',
  rms: 'RMS of z',
  outlier: 'largest abs(z) over the usual one',
  row: 'row over the median row',
  column: 'column over the median column',
  slope: 'slope of the error on v, in u',
  lane: 'gain of a lane of columns less that of all, in u',
  'mean-row-sum': 'mean row sum of a softmax less 1, in u',
  'row-sum': 'largest of them, in u',
  direction: 'named direction, in standard errors',
}

export const NEAREST_HEADINGS: readonly string[] = ['statistic', 'value', 'threshold', 'share', 'run']

/** One line per statistic: the honest run that came nearest to being suspected for it. */
export function nearestRows({ equations, honest, probes, atSize }: Results): string[][] {
  const found = nearest(
    [equations, honest, probes, atSize].flatMap((part) =>
      Object.entries(part).map(([id, result]) => nearIn(id, result.nearest)),
    ),
  )
  return Object.entries(NAMES).flatMap(([key, name]) => {
    const near = found[key]
    if (near === undefined) return []
    const { value, threshold, where } = near
    const numbers = [value, threshold].map((x) => String(Number(x.toPrecision(4))))
    return [new Array<string>(name).concat(numbers, `${Math.round((100 * value) / threshold)} %`, where)]
  })
}
