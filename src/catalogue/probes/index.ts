import { hintFor } from '../../cases/suggest.ts'
import { QuestionError } from '../../errors.ts'
import type { Equation } from '../schema.ts'
import { atThreshold } from './at-threshold.ts'
import { blankPatches } from './blank-patches.ts'
import { heavyTails } from './heavy-tails.ts'
import { integers } from './integers.ts'
import { nothingKept } from './nothing-kept.ts'
import { oneHotSoftmax } from './one-hot-softmax.ts'
import type { Probe } from './probe.ts'
import { largeStream, smallStream } from './streams.ts'
import { ties } from './ties.ts'
import { tinyVariance } from './tiny-variance.ts'

export { probeQuestion } from './probe.ts'
export type { Probe } from './probe.ts'

/** Every probe. */
export const probes: readonly Probe[] = [
  tinyVariance,
  oneHotSoftmax,
  ties,
  atThreshold,
  nothingKept,
  integers,
  heavyTails,
  smallStream,
  largeStream,
  blankPatches,
]

/** The probes that change something for the equation. */
export function probesFor(equation: Equation): readonly Probe[] {
  return probes.filter((probe) => probe.applies(equation))
}

/**
 * The probe of that name, for the equation.
 * @throws QuestionError with the nearest known name, or those that apply
 */
export function findProbe(name: string, equation: Equation): Probe {
  const found = probes.find((probe) => probe.name === name)
  const names = (some: readonly Probe[]): string[] => some.map((probe) => probe.name)
  if (found === undefined) {
    const hint = hintFor(name, names(probes), '"touchstone list --probes"')
    throw new QuestionError({ tensor: '--probe', expected: 'a known probe', found: `"${name}"`, hint })
  }
  if (!found.applies(equation)) {
    throw new QuestionError({
      tensor: '--probe',
      expected: `a probe that says something of ${equation.id}`,
      found: `"${name}"`,
      hint: `known: ${names(probesFor(equation)).join(', ')}`,
    })
  }
  return found
}
