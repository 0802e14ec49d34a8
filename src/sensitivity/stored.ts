import { z } from 'zod'
import { DETECTORS, FORMAT, type Counts, type EquationResult, type Results } from './results.ts'

/**
 * Counts as they are stored: the last one stands for all that follow, so that `4` is four times for every detector, and
 * `[0, 0, 1, 0]` once for the third alone.
 */
type Short = number | readonly number[]

function short(counts: Counts): Short {
  const last = counts.findLastIndex((count, i) => i === 0 || count !== counts[i - 1])
  return last <= 0 ? counts[0] : counts.slice(0, last + 1)
}

function inFull(found: Short): number[] {
  const listed = typeof found === 'number' ? [found] : found
  return DETECTORS.map((_, i) => listed[Math.min(i, listed.length - 1)])
}

const whole = z.int().min(0)
const counts = z.union([whole, z.array(whole).min(1).max(DETECTORS.length)]).transform(inFull)
const texts = z.array(z.string())
const near = z.strictObject({ value: z.number(), threshold: z.number(), where: z.string() })
const legal = { runs: whole, distinct: whole, said: counts, alarms: counts }

const mutant = z.strictObject({
  // visible, caught, told, caught of these; a pair where all that is visible is told, since there are thousands of them
  groups: z.record(
    z.string(),
    z.union([
      z.tuple([counts, counts]).transform(([visible, caught]) => ({
        visible,
        caught,
        told: visible,
        toldCaught: caught,
      })),
      z
        .tuple([counts, counts, counts, counts])
        .transform(([visible, caught, told, toldCaught]) => ({ visible, caught, told, toldCaught })),
    ]),
  ),
  loudest: z.tuple([z.number(), z.number()]),
  missed: texts,
  missedDirected: texts,
})

const equation = z.strictObject({
  from: whole,
  count: whole,
  legal: z.record(z.string(), z.strictObject(legal)),
  variants: z.record(z.string(), z.strictObject({ said: counts, alarms: counts })),
  alarms: texts,
  nearest: z.record(z.string(), near),
  bands: z.record(z.string(), z.array(z.strictObject({ hits: whole, of: whole }))),
  mutants: z.record(z.string(), mutant),
})

const size = z.strictObject({
  ...legal,
  seed: whole,
  complaints: texts,
  nearest: z.record(z.string(), near),
})

/** FILE.json of `sensitivity`, read into what is worked with. */
export const storedSchema: z.ZodType<Results> = z.strictObject({
  format: z.literal(FORMAT),
  catalogue: z.string(),
  judge: z.string(),
  seconds: z.number(),
  detectors: texts,
  equations: z.record(z.string(), equation),
  honest: z.record(z.string(), equation),
  probes: z.record(z.string(), equation),
  atSize: z.record(z.string(), size),
  sweeps: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.array(z.number().nullable())))),
})

/** Results as {@link storedSchema} reads them. */
export function toStore(results: Results): Readonly<Record<keyof Results | 'detectors', unknown>> {
  const tally = (found: { readonly said: Counts; readonly alarms: Counts }): object => ({
    ...found,
    said: short(found.said),
    alarms: short(found.alarms),
  })
  const one = ({ mutants, ...found }: EquationResult): object => ({
    ...found,
    legal: each(found.legal, tally),
    variants: each(found.variants, tally),
    mutants: each(mutants, ({ groups, ...rest }) => ({
      groups: each(groups, ({ visible, caught, told, toldCaught }) => {
        const pair = [short(visible), short(caught)]
        const same = visible.every((count, i) => count === told[i])
        return same ? pair : [...pair, short(told), short(toldCaught)]
      }),
      ...rest,
    })),
  })
  const { format, catalogue, judge, seconds, sweeps } = results
  return {
    format,
    catalogue,
    judge,
    seconds: Math.round(seconds),
    detectors: DETECTORS,
    equations: each(results.equations, one),
    honest: each(results.honest, one),
    probes: each(results.probes, one),
    atSize: each(results.atSize, tally),
    sweeps,
  }
}

function each<T, R>(of: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value)]))
}
