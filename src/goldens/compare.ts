import type { Value } from '../../reference/evaluator.ts'
import { evaluate } from '../arithmetics/evaluate.ts'
import { arithmeticNamed } from '../arithmetics/index.ts'
import { judgedAt } from '../cases/judged-at.ts'
import type { Question } from '../cases/question.ts'
import { coordinates } from '../cases/read-case.ts'
import { GROSS_DEVIATIONS } from '../verdict/noise/choice.ts'
import { noise } from '../verdict/noise/arithmetic.ts'
import type { Noisy } from '../verdict/noise/noise.ts'
import { ulpDistance } from '../verdict/ulp.ts'

/** How much finer float64 rounds than float32. */
const FINER = 2 ** -29
/** The smallest subnormals: below them nothing is rounded finer. */
const LEAST = { float32: 2 ** -149, float64: 2 ** -1074 }

/** How far an arithmetic is from a golden. */
export interface Distance {
  /** In standard deviations of the noise that the arithmetic's precision makes legal; Infinity where there is none. */
  readonly deviations: number
  /** Where that is, and both values. */
  readonly where: string
  readonly name: string
}

/**
 * Holds `float32` or `float64` against the exact values of a golden: every exposed tensor, in standard deviations of the
 * noise of that precision. Masks must be equal.
 * @param exact correctly rounded values, by name
 */
export function distanceFrom(
  question: Question,
  exact: ReadonlyMap<string, Value>,
  arithmetic: 'float32' | 'float64',
): Distance {
  const found = arithmeticNamed(arithmetic).answer(question)
  const noisy = evaluate(noise, question)
  let worst: Distance = { deviations: 0, where: '', name: '' }
  for (const [name, golden] of exact) {
    const value = found.get(name)
    const scale = noisy.get(name)
    if (value === undefined || scale === undefined)
      throw new TypeError(`${question.equation.id} exposes no ${name}`)
    const distance =
      golden.kind === 'mask' || value.kind === 'mask'
        ? maskDistance(name, golden, value)
        : denseDistance(
            name,
            golden,
            value,
            scale.kind === 'mask' ? undefined : scale.x,
            arithmetic,
            judgedAt(question, name, exact),
          )
    if (distance.deviations > worst.deviations) worst = distance
  }
  return worst
}

/** Whether a distance is more than the arithmetic's rounding can explain. */
export function isTooFar({ deviations }: Distance): boolean {
  return deviations > GROSS_DEVIATIONS
}

function denseDistance(
  name: string,
  golden: Value & { kind: 'dense' },
  value: Value & { kind: 'dense' },
  noisy: Noisy | undefined,
  arithmetic: 'float32' | 'float64',
  judged: Uint8Array | undefined,
): Distance {
  const precision = arithmetic === 'float32' ? 1 : FINER
  let worst: Distance = { deviations: 0, where: '', name }
  for (let i = 0; i < golden.tensor.size; i++) {
    if (judged?.[i] === 0) continue
    const [expected, got] = [golden.tensor.data[i], value.tensor.data[i]]
    const deviation = Math.sqrt(noisy?.s2.data[i] ?? 0) * precision
    if (expected === got || !(deviation < Infinity)) continue
    const off = Math.max(0, Math.abs(got - expected) - LEAST[arithmetic])
    const deviations = off === 0 ? 0 : off / deviation
    if (deviations <= worst.deviations) continue
    const place = coordinates(i, golden.tensor.shape)
    const ulp = arithmetic === 'float32' ? `, ${ulpDistance(expected, got)} ULP` : ''
    worst = { deviations, where: `${name} ${place}: golden ${expected}, ${arithmetic} ${got}${ulp}`, name }
  }
  return worst
}

function maskDistance(name: string, golden: Value, value: Value): Distance {
  if (golden.kind !== 'mask' || value.kind !== 'mask')
    throw new TypeError(`${name}: a mask was compared with a tensor`)
  const at = golden.mask.data.findIndex((byte, i) => byte !== value.mask.data[i])
  if (at === -1) return { deviations: 0, where: '', name }
  const place = coordinates(at, golden.mask.shape)
  return {
    deviations: Infinity,
    where: `${name} ${place}: golden ${golden.mask.data[at]}, found ${value.mask.data[at]}`,
    name,
  }
}
