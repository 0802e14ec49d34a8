import type { Comparison, Judgement } from '../verdict/judgement.ts'
import { PROVED_SHARE } from '../verdict/judge/compare-dense.ts'

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
